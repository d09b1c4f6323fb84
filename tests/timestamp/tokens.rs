//! Tokens and replies judged: keys and hashes, what was stamped, what the certificate is for, and
//! every flipped bit.

use postfach::timestamp::{
    CertificateError, MAX_REPLY, MAX_TOKEN, Malformed, ReplyError, Request, StampedAt, TokenError,
    TsaCertificates, verify_token,
};
use proptest::prelude::*;

use crate::lab::{Lab, P256, P384, RSA, TIME_STAMPING};

const TEXT: &str = "postfach.example/1\n600\nZ1lBdlhq+yZ0kP5B0lrb35ia7v3OcyMuOp08CF6RE70=\n";

fn request() -> Request {
    Request::new(TEXT, [0xff; 8])
}

fn stamped(lab: &Lab) -> Result<(Vec<u8>, StampedAt), ReplyError> {
    let reply = lab.reply(&request().to_der());
    let stamped = request().check(&reply, &lab.certificates())?;
    Ok((stamped.token, stamped.at))
}

#[test]
fn a_request_is_what_openssl_reads() {
    let lab = Lab::new(P256, TIME_STAMPING);
    lab.write("query.tsq", request().to_der());
    let text = lab.openssl(&["ts", "-query", "-in", "query.tsq", "-text"]);
    for line in [
        "Version: 1",
        "Hash Algorithm: sha256",
        "Nonce: 0x7FFFFFFFFFFFFFFF",
        "Certificate required: yes",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // The smallest nonce is as long as any other, so the template holds.
    lab.write("query.tsq", Request::new(TEXT, [0; 8]).to_der());
    let text = lab.openssl(&["ts", "-query", "-in", "query.tsq", "-text"]);
    assert!(text.contains("Nonce: 0x4000000000000000"), "{text}");
}

#[test]
fn tokens_of_every_key_and_hash_hold_and_openssl_agrees() {
    for key in [RSA, P256, P384] {
        let lab = Lab::new(key, TIME_STAMPING);
        for (signer, certificate) in [
            ("sha256", "sha256"),
            ("sha384", "sha512"),
            ("sha512", "sha384"),
            ("sha256", "sha1"), // ESSCertID of RFC 3161
        ] {
            lab.configure(signer, certificate, "sha256");
            let (token, at) = stamped(&lab).unwrap();
            assert_eq!(at.authority, "Zeitstempel Prüfstelle");
            assert_eq!(at.accuracy_micros, 1_500_100);
            let now = postfach::clock::now().0;
            assert!(at.at.0.abs_diff(now) < 60_000, "{at:?}");
            lab.write("kept.tst", &token);
            assert!(lab.accepts(&lab.path("kept.tst"), TEXT));
            let again = verify_token(&token, TEXT, &lab.certificates());
            assert_eq!(again, Ok(at));
        }
    }
}

#[test]
fn a_token_is_for_its_text_its_request_and_its_authority() {
    let lab = Lab::new(P256, TIME_STAMPING);
    let (token, _) = stamped(&lab).unwrap();
    let certificates = lab.certificates();
    let other = TEXT.replace("600", "601");
    let judged = |token, text| verify_token(token, text, &certificates);
    assert_eq!(judged(&token, &other), Err(TokenError::Imprint));
    let reply = lab.reply(&request().to_der());
    let other_nonce = Request::new(TEXT, [1; 8]);
    let refused = other_nonce.check(&reply, &certificates);
    assert_eq!(refused, Err(ReplyError::Nonce));
    let stranger = Lab::new(P256, TIME_STAMPING).certificates();
    let refused = verify_token(&token, TEXT, &stranger);
    assert_eq!(refused, Err(TokenError::Certificate));
    // Authorities renew their certificates: old and new are pinned together.
    let both = [
        Lab::new(P256, TIME_STAMPING).read("tsa.pem"),
        lab.read("tsa.pem"),
    ]
    .concat();
    let both = TsaCertificates::from_pem(&both).unwrap();
    assert!(verify_token(&token, TEXT, &both).is_ok());
    let long = vec![0x30; MAX_TOKEN + 1];
    assert_eq!(judged(&long, TEXT), Err(TokenError::TooLong));
    let long = vec![0x30; MAX_REPLY + 1];
    let refused = request().check(&long, &certificates);
    assert_eq!(refused, Err(ReplyError::TooLong));
}

#[test]
fn a_refusal_is_named() {
    let lab = Lab::new(P256, TIME_STAMPING);
    lab.configure("sha256", "sha256", "sha512");
    let refused = stamped(&lab).unwrap_err();
    assert!(
        refused.to_string().contains("status 2, badAlg"),
        "{refused}"
    );
}

#[test]
fn only_a_certificate_for_time_stamping_alone_is_pinned() {
    for extensions in [
        "keyUsage = critical, digitalSignature\n",
        "extendedKeyUsage = timeStamping\n",
        "extendedKeyUsage = critical, timeStamping, emailProtection\n",
        "extendedKeyUsage = critical, emailProtection\n",
        "keyUsage = critical, keyEncipherment\nextendedKeyUsage = critical, timeStamping\n",
    ] {
        let lab = Lab::new(P256, extensions);
        let refused = TsaCertificates::from_pem(&lab.read("tsa.pem"));
        assert_eq!(refused.unwrap_err(), CertificateError::Usage(1));
        // Nor does a token under it count for who pinned another.
        let token = lab.sign(&Info::now().to_der(), "-cades");
        let pinned = Lab::new(P256, TIME_STAMPING).certificates();
        let refused = verify_token(&token, TEXT, &pinned);
        assert_eq!(refused, Err(TokenError::Certificate));
    }
    let lab = Lab::new(&["-algorithm", "ED25519"], TIME_STAMPING);
    let refused = TsaCertificates::from_pem(&lab.read("tsa.pem"));
    assert_eq!(refused.unwrap_err(), CertificateError::Key(1));
    for empty in [
        &b""[..],
        b"-----BEGIN CERTIFICATE-----\n",
        &lab.read("tsa.key"),
    ] {
        let refused = TsaCertificates::from_pem(empty);
        assert_eq!(refused.unwrap_err(), CertificateError::File);
    }
}

/// A TSTInfo made by hand, for what no honest authority signs.
struct Info {
    time: String,
    imprint: Vec<u8>,
    extensions: Vec<u8>,
}

impl Info {
    fn now() -> Self {
        let now = postfach::calendar::rfc3339(postfach::clock::now());
        let digits: String = now[..19].chars().filter(char::is_ascii_digit).collect();
        // Of the request: SEQUENCE, version, then the MessageImprint of 49 bytes.
        let imprint = request().to_der()[5..54].to_vec();
        Self {
            time: format!("{digits}Z"),
            imprint,
            extensions: Vec::new(),
        }
    }

    fn at(time: &str) -> Self {
        Self {
            time: time.to_owned(),
            ..Self::now()
        }
    }

    fn to_der(&self) -> Vec<u8> {
        let fields = [
            &[0x02, 1, 1, 0x06, 2, 0x2a, 3][..],
            &self.imprint,
            &[0x02, 1, 5],
            &tlv(0x18, self.time.as_bytes()),
            &self.extensions,
        ];
        tlv(0x30, &fields.concat())
    }
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    assert!(length < 0x80);
    [&[tag, length], content].concat()
}

#[test]
fn what_is_signed_must_be_a_time_stamp_in_the_certificates_time() {
    let lab = Lab::new(P256, TIME_STAMPING);
    let certificates = lab.certificates();
    let judged = |info: &Info, more: &str| {
        let token = lab.sign(&info.to_der(), more);
        verify_token(&token, TEXT, &certificates).map(|_| ())
    };
    assert_eq!(judged(&Info::now(), "-cades"), Ok(()));
    let no_certificate_id = judged(&Info::now(), "");
    let missing = TokenError::Attribute("signing-certificate");
    assert_eq!(no_certificate_id, Err(missing));
    for time in ["20200101000000Z", "20991231235959.999Z"] {
        assert_eq!(judged(&Info::at(time), "-cades"), Err(TokenError::Validity));
    }
    let bad_time = judged(&Info::at("20260230000000Z"), "-cades");
    assert_eq!(bad_time, Err(Malformed("genTime").into()));
    let extension = |critical: &[u8]| {
        let fields = [&[0x06, 2, 0x2a, 4][..], critical, &[0x04, 0]].concat();
        Info {
            extensions: tlv(0xa1, &tlv(0x30, &fields)),
            ..Info::now()
        }
    };
    assert_eq!(judged(&extension(&[]), "-cades"), Ok(()));
    let critical = judged(&extension(&[0x01, 1, 0xff]), "-cades");
    assert_eq!(critical, Err(TokenError::CriticalExtension));
    let sha1 = judged(&Info::now(), "-cades -md sha1");
    assert_eq!(sha1, Err(TokenError::Digest));
    let no_attributes = judged(&Info::now(), "-noattr");
    assert_eq!(no_attributes, Err(Malformed("SignerInfo").into()));
    let two = "-cades -signer root.pem -inkey root.key";
    let two_signers = judged(&Info::now(), two);
    assert_eq!(two_signers, Err(Malformed("SignerInfos").into()));
}

#[test]
fn pss_counts_with_a_salt_as_long_as_the_hash() {
    let lab = Lab::new(RSA, TIME_STAMPING);
    let certificates = lab.certificates();
    for (hash, more, expected) in [
        ("sha256", "-keyopt rsa_pss_saltlen:digest", Ok(())),
        ("sha384", "-keyopt rsa_pss_saltlen:digest", Ok(())),
        ("sha512", "-keyopt rsa_pss_saltlen:digest", Ok(())),
        (
            "sha256",
            "-keyopt rsa_pss_saltlen:20",
            Err(TokenError::Algorithm),
        ),
        (
            "sha256",
            "-keyopt rsa_pss_saltlen:digest -keyopt rsa_mgf1_md:sha512",
            Err(TokenError::Algorithm),
        ),
    ] {
        let more = format!("-cades -md {hash} -keyopt rsa_padding_mode:pss {more}");
        let token = lab.sign(&Info::now().to_der(), &more);
        let judged = verify_token(&token, TEXT, &certificates).map(|_| ());
        assert_eq!(judged, expected, "{more}");
    }
}

/// Bits that no signature covers in a token without certificates: versions, digest algorithms, and the
/// signer's identifier, which is the root's name and a number.
const MOST_UNSIGNED: usize = 400;

/// What no signature covers may change: certificates beside the token, the signer's identifier, the
/// list of digest algorithms, versions. All else is refused, and nothing changes what is proved.
#[test]
fn a_flipped_bit_is_refused_or_changes_nothing() {
    for key in [RSA, P256] {
        let lab = Lab::new(key, TIME_STAMPING);
        let certificates = lab.certificates();
        let (token, at) = stamped(&lab).unwrap();
        let without_certificates = {
            // certReq off: no certificate beside it, so nearly every bit counts.
            let mut query = request().to_der();
            query.truncate(query.len() - 3);
            query[1] -= 3;
            let reply = lab.reply(&query);
            request().check(&reply, &certificates).unwrap().token
        };
        let small_at = verify_token(&without_certificates, TEXT, &certificates).unwrap();
        for (token, at, most) in [
            (token, at, usize::MAX),
            (without_certificates, small_at, MOST_UNSIGNED),
        ] {
            let mut harmless = 0;
            for bit in 0..token.len() * 8 {
                let mut changed = token.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                if let Ok(judged) = verify_token(&changed, TEXT, &certificates) {
                    assert_eq!(judged, at, "bit {bit}");
                    harmless += 1;
                }
            }
            assert!(harmless <= most, "{harmless} bits");
            for length in 0..token.len() {
                assert!(verify_token(&token[..length], TEXT, &certificates).is_err());
            }
            let longer = [&token[..], &[0]].concat();
            assert!(verify_token(&longer, TEXT, &certificates).is_err());
        }
    }
}

proptest! {
    #[test]
    fn hostile_bytes_are_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in 0_usize..65,
        nested in 0_usize..3,
    ) {
        let certificates = pinned();
        prop_assert!(verify_token(&bytes, TEXT, certificates).is_err());
        prop_assert!(request().check(&bytes, certificates).is_err());
        let mut der = bytes.clone();
        for _ in 0..nested {
            der.truncate(120);
            der = tlv(0x30, &der);
        }
        prop_assert!(request().check(&der, certificates).is_err());
        let mut changed = request().to_der();
        changed.truncate(at);
        prop_assert!(request().check(&changed, certificates).is_err());
        let pem = [b"-----BEGIN CERTIFICATE-----\n".as_slice(), &bytes].concat();
        prop_assert!(TsaCertificates::from_pem(&pem).is_err());
    }
}

fn pinned() -> &'static TsaCertificates {
    static PINNED: std::sync::OnceLock<TsaCertificates> = std::sync::OnceLock::new();
    PINNED.get_or_init(|| Lab::new(P256, TIME_STAMPING).certificates())
}
