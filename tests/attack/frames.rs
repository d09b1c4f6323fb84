//! HTTP/2 by hand (RFC 9113 §4, RFC 7541): no library would send what is wanted here.

/// What a client says first.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const WINDOW: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// `GET path` in HPACK: indexed fields, and literals without indexing.
pub(crate) fn get(authority: &str, path: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x87]; // :method GET, :scheme https
    block.extend(literal(4, path));
    block.extend(literal(1, authority));
    block
}

/// A field whose name has this number in the static table.
pub(crate) fn literal(name: u8, value: &str) -> Vec<u8> {
    let mut field = vec![name, u8::try_from(value.len()).unwrap()];
    field.extend(value.as_bytes());
    field
}

/// A field of 4,000 bytes kept in the dynamic table, then named as often as fits.
pub(crate) fn bomb(authority: &str) -> Vec<u8> {
    let mut block = get(authority, "/v1/info");
    block.extend([0x40, 1, b'x']);
    block.extend([0x7f, 0xa1, 0x1e]); // 127 + 33 + 30 * 128: a length of 4,000
    block.extend([b'a'; 4000]);
    block.extend(vec![0xbe; 10_000]); // entry 62, the newest
    block
}
