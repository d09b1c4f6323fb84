//! QR codes (ISO/IEC 18004) as runs of dark modules, error correction M or better.

use qrcodegen::{QrCode, QrCodeEcc};

use super::PaperError;
use super::geometry::mm;

/// Smallest side of the symbol on paper, without its quiet zone.
const MIN_SIDE: f32 = mm(38.0);
/// Smallest module that common cameras read from a laser print.
const MIN_MODULE: f32 = mm(0.55);
/// Largest side that leaves room for the text beside it.
const MAX_SIDE: f32 = mm(60.0);
/// Light border on every side, in modules.
const QUIET_MODULES: f32 = 4.0;

/// A symbol ready to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Symbol {
    /// Side without quiet zone, in points.
    pub(super) side: f32,
    /// Quiet zone, in points.
    pub(super) quiet: f32,
    /// Dark runs as (x, y, width, height) in points from the symbol's corner.
    pub(super) dark: Vec<[f32; 4]>,
}

impl Symbol {
    pub(super) fn encode(content: &str) -> Result<Self, PaperError> {
        let too_long = || PaperError::QrTooLong(content.len());
        let code = QrCode::encode_text(content, QrCodeEcc::Medium).map_err(|_| too_long())?;
        let modules = code.size() as f32;
        let side = MIN_SIDE.max(modules * MIN_MODULE);
        if side > MAX_SIDE {
            return Err(too_long());
        }
        let module = side / modules;
        let mut dark = Vec::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size())
                    .take_while(|&column| code.get_module(column, y))
                    .count();
                if run > 0 {
                    dark.push([
                        x as f32 * module,
                        y as f32 * module,
                        run as f32 * module,
                        module,
                    ]);
                }
                x += i32::try_from(run).unwrap_or(0).max(1);
            }
        }
        Ok(Self {
            side,
            quiet: QUIET_MODULES * module,
            dark,
        })
    }
}
