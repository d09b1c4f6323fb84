//! Where a party is notified of mail: said as a statement, read back from its own list.
//!
//! Absent: the address anywhere but in the statement; nothing of it is kept in names of files.

use postfach_crypto::statement::{Contact, ContactLanguage, Signed, Subject};

use super::error::{ClientError, Dishonest};
use super::session::{Receipted, Session, verified};
use crate::api::resources::Page;

/// Entries asked for at once.
const PAGE: usize = 500;
/// Most entries of the list; the server keeps fewer.
const MAX_CONTACTS: usize = 4096;

impl Session {
    /// Says where this party wants to be notified; without an address, that it does not.
    pub async fn change_contact(
        &self,
        email: Option<&str>,
        language: ContactLanguage,
    ) -> Result<Receipted, ClientError> {
        let contact = Contact {
            context: self.context(),
            party: self.address()?,
            email: email.map(str::to_owned),
            language,
            ext: None,
        };
        self.submit(&Signed::sign(contact, self.keys.identity()?)?)
            .await
    }

    /// What this party said last, checked against the server's signed head of the list.
    pub async fn contact(&self) -> Result<Option<Signed<Contact>>, ClientError> {
        let me = self.address()?;
        let mut entries = Vec::new();
        loop {
            let after = entries.len();
            let path = format!("/v1/parties/{me}/contacts?after={after}&limit={PAGE}");
            let page: Page = self.http.get(&path, Some(self.signer()?)).await?;
            let last = page.entries.is_empty() || page.entries.len() < PAGE;
            entries.extend(page.entries);
            if entries.len() > MAX_CONTACTS {
                return Err(ClientError::Answer("list too long".into()));
            }
            if last {
                self.check_list(&entries, page.head.as_ref(), Subject::Contact(me))?;
                break;
            }
        }
        let newest = verified::<Contact>(&entries, self.operator.origin())?.pop();
        match newest {
            Some(contact) if contact.party != me => Err(Dishonest::ForeignHead.into()),
            newest => Ok(newest),
        }
    }
}
