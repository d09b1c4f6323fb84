//! CBOR in diagnostic notation (RFC 8949 §8), so that people can read the vectors.

/// Writes well-formed CBOR as text.
pub fn of(bytes: &[u8]) -> String {
    let (text, rest) = item(bytes);
    assert!(rest.is_empty(), "trailing bytes");
    text
}

fn item(bytes: &[u8]) -> (String, &[u8]) {
    let (major, argument, rest) = split(bytes);
    match major {
        0 => (argument.to_string(), rest),
        1 => ((-1 - i128::from(argument)).to_string(), rest),
        2 => {
            let (content, rest) = rest.split_at(usize::try_from(argument).unwrap());
            (format!("h'{}'", hex::encode(content)), rest)
        }
        3 => {
            let (content, rest) = rest.split_at(usize::try_from(argument).unwrap());
            let text = str::from_utf8(content).unwrap();
            (serde_json::to_string(text).unwrap(), rest)
        }
        4 => {
            let (items, rest) = items(rest, argument);
            (format!("[{}]", items.join(", ")), rest)
        }
        5 => {
            let (items, rest) = items(rest, argument * 2);
            let pairs: Vec<_> = items
                .chunks(2)
                .map(|pair| format!("{}: {}", pair[0], pair[1]))
                .collect();
            (format!("{{{}}}", pairs.join(", ")), rest)
        }
        6 => {
            let (inner, rest) = item(rest);
            (format!("{argument}({inner})"), rest)
        }
        _ => {
            let text = if argument == 21 { "true" } else { "false" };
            (text.to_owned(), rest)
        }
    }
}

fn items(mut rest: &[u8], count: u64) -> (Vec<String>, &[u8]) {
    let mut items = Vec::new();
    for _ in 0..count {
        let (text, after) = item(rest);
        items.push(text);
        rest = after;
    }
    (items, rest)
}

fn split(bytes: &[u8]) -> (u8, u64, &[u8]) {
    let (first, rest) = bytes.split_first().unwrap();
    let width = match first & 0x1f {
        info @ 0..=23 => return (first >> 5, u64::from(info), rest),
        info => 1 << (info - 24),
    };
    let (argument, rest) = rest.split_at(width);
    let value = argument
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    (first >> 5, value, rest)
}
