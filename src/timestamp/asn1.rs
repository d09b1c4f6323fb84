//! DER, element by element (ITU-T X.690 section 10).
//!
//! Invariants: an element lies wholly inside the one around it; every failure names the structure
//! that was being read; the bytes of an element are kept as they came, since signatures cover them.
//! Nothing recurses, so nesting costs no stack. Absent: writing, and every type's own meaning.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};

/// Bytes that are not what their specification says, with the structure's name in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {0}")]
pub struct Malformed(pub &'static str);

/// One element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: Tag,
    /// What is inside.
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
}

/// The elements inside a structure, in their order.
pub(super) struct Elements<'a> {
    reader: SliceReader<'a>,
    name: &'static str,
}

/// A constructed element with a context-specific tag.
pub(super) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

/// A primitive element with a context-specific tag.
pub(super) const fn context_primitive(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(number),
    }
}

impl<'a> Element<'a> {
    /// The one element that `bytes` are.
    pub(super) fn read(bytes: &'a [u8], tag: Tag, name: &'static str) -> Result<Self, Malformed> {
        let mut outer = Elements::of(bytes, name)?;
        let element = outer.next(tag)?;
        outer.end()?;
        Ok(element)
    }

    /// What is inside; `name` is what failures are called.
    pub(super) fn elements(self, name: &'static str) -> Result<Elements<'a>, Malformed> {
        Elements::of(self.content, name)
    }

    /// The one element inside an explicit tag.
    pub(super) fn only(self, tag: Tag, name: &'static str) -> Result<Element<'a>, Malformed> {
        Self::read(self.content, tag, name)
    }
}

impl<'a> Elements<'a> {
    fn of(bytes: &'a [u8], name: &'static str) -> Result<Self, Malformed> {
        let reader = SliceReader::new(bytes).map_err(|_| Malformed(name))?;
        Ok(Self { reader, name })
    }

    /// The next element, whatever it is; none at the end.
    pub(super) fn any(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        if self.reader.is_finished() {
            return Ok(None);
        }
        let failed = |_| Malformed(self.name);
        let whole = self.reader.tlv_bytes().map_err(failed)?;
        let any = AnyRef::from_der(whole).map_err(failed)?;
        Ok(Some(Element {
            tag: any.tag(),
            content: any.value(),
            whole,
        }))
    }

    /// The next element, which must have this tag.
    pub(super) fn next(&mut self, tag: Tag) -> Result<Element<'a>, Malformed> {
        let next = self.any()?.filter(|element| element.tag == tag);
        next.ok_or(Malformed(self.name))
    }

    /// The next element if it has this tag.
    pub(super) fn optional(&mut self, tag: Tag) -> Result<Option<Element<'a>>, Malformed> {
        if self.reader.peek_byte().is_none() {
            return Ok(None);
        }
        match Tag::peek(&self.reader) {
            Ok(next) if next == tag => self.next(tag).map(Some),
            Ok(_) => Ok(None),
            Err(_) => Err(Malformed(self.name)),
        }
    }

    pub(super) fn sequence(&mut self, name: &'static str) -> Result<Elements<'a>, Malformed> {
        self.next(Tag::Sequence)?.elements(name)
    }

    pub(super) fn oid(&mut self) -> Result<ObjectIdentifier, Malformed> {
        let element = self.next(Tag::ObjectIdentifier)?;
        ObjectIdentifier::from_der(element.whole).map_err(|_| Malformed(self.name))
    }

    /// The next element as a small number that is not negative.
    pub(super) fn small(&mut self) -> Result<u32, Malformed> {
        let element = self.next(Tag::Integer)?;
        u32::from_der(element.whole).map_err(|_| Malformed(self.name))
    }

    /// An INTEGER's content: two's complement, most significant byte first.
    pub(super) fn integer(&mut self) -> Result<&'a [u8], Malformed> {
        let content = self.next(Tag::Integer)?.content;
        match content {
            [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(Malformed(self.name)),
            content => Ok(content),
        }
    }

    /// A BOOLEAN that is false where it is absent, and written only where it is true.
    pub(super) fn flag(&mut self) -> Result<bool, Malformed> {
        match self.optional(Tag::Boolean)? {
            None => Ok(false),
            Some(element) if element.content == [0xff] => Ok(true),
            Some(_) => Err(Malformed(self.name)),
        }
    }

    pub(super) fn end(self) -> Result<(), Malformed> {
        let name = self.name;
        self.reader.finish().map_err(|_| Malformed(name))
    }
}

/// An AlgorithmIdentifier: what it names, and its parameters (RFC 5280 section 4.1.1.2).
pub(super) fn algorithm<'a>(
    around: &mut Elements<'a>,
) -> Result<(ObjectIdentifier, Option<Element<'a>>), Malformed> {
    let mut inside = around.sequence("AlgorithmIdentifier")?;
    let oid = inside.oid()?;
    let parameters = inside.any()?;
    inside.end()?;
    Ok((oid, parameters))
}
