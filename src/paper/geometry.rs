//! Measures of the sheet. All lengths inside `paper` are PDF points from the top left corner.
//!
//! Letters follow DIN 5008 form B, so that the address shows in a DL window envelope.

/// Millimetres as points.
pub(super) const fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

pub(super) const PAGE_WIDTH: f32 = mm(210.0);
pub(super) const PAGE_HEIGHT: f32 = mm(297.0);

pub(super) const LEFT: f32 = mm(25.0);
pub(super) const RIGHT: f32 = mm(20.0);
pub(super) const BODY_WIDTH: f32 = PAGE_WIDTH - LEFT - RIGHT;

/// Where text starts on a letter's first page, on a first page without address, on later pages.
pub(super) const LETTER_BODY_TOP: f32 = mm(99.0);
pub(super) const PLAIN_BODY_TOP: f32 = mm(44.0);
pub(super) const LATER_BODY_TOP: f32 = mm(32.0);
pub(super) const BODY_BOTTOM: f32 = mm(273.0);

pub(super) const LETTERHEAD_TOP: f32 = mm(12.0);
pub(super) const LETTERHEAD_RULE: f32 = mm(36.0);
pub(super) const RUNNING_BASELINE: f32 = mm(20.0);
pub(super) const FOOTER_BASELINE: f32 = mm(284.0);

/// DIN 5008 form B: address field 45 mm from the top, notes 17.7 mm high, then six address lines.
pub(super) const ADDRESS_TOP: f32 = mm(45.0);
pub(super) const NOTES_HEIGHT: f32 = mm(17.7);
pub(super) const ADDRESS_WIDTH: f32 = mm(80.0);
pub(super) const ADDRESS_LINES: usize = 6;
/// The window shows 27.3 mm below the notes.
pub(super) const ADDRESS_LEADING: f32 = mm(27.3) / ADDRESS_LINES as f32;

/// DIN 5008 form B: information block.
pub(super) const INFO_LEFT: f32 = mm(125.0);
pub(super) const INFO_TOP: f32 = mm(50.0);
pub(super) const INFO_WIDTH: f32 = mm(65.0);

/// DIN 5008 form B: fold marks, and the mark for the hole punch between them.
pub(super) const FOLD_MARKS: [f32; 2] = [mm(105.0), mm(210.0)];
pub(super) const PUNCH_MARK: f32 = mm(148.5);

/// Text sizes and line distance.
pub(super) const BODY_SIZE: f32 = 11.0;
pub(super) const SMALL_SIZE: f32 = 10.0;
/// The line above the address is seen by the postman only.
pub(super) const RETURN_SIZE: f32 = 7.5;
pub(super) const HEADING_SIZES: [f32; 3] = [14.0, 12.0, 11.0];

pub(super) const fn leading(size: f32) -> f32 {
    size * 1.36
}

/// From the top of a line to its baseline: half-leading above Noto Sans' cap height.
pub(super) const fn ascent(size: f32) -> f32 {
    size * 1.03
}
