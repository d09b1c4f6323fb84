//! Fourth act: the operator lies, with its own genuine keys, and is named.

use std::sync::Arc;

use postfach_crypto::ids::StatementHash;

use super::{Cast, Story, letter_to, read};
use crate::cli::error::{Explain as _, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::serve::KEYS;
use crate::client::error::{ClientError, Dishonest};
use crate::client::send::Letter;
use crate::demo::lying::{Lie, LyingOperator};
use crate::server::operator::load_operator;
use crate::server::tls::{ServerCertificate, server_config};

impl Story<'_> {
    /// The operator puts a lying proxy in front of the server, with its own genuine keys.
    pub(super) async fn lies(&mut self, cast: &Cast, order: StatementHash) -> Result<(), Failure> {
        let lang = self.lang;
        drop(self.server.take());
        let (hidden, address) = self.stage.start_hidden_server().await?;
        let keys = load_operator(&self.stage.data().join(KEYS))
            .map_err(|error| self.broken(&error.to_string()))?;
        let tls = &self.stage.tls;
        let certificate = ServerCertificate::load(&tls.certificate, &tls.key);
        let config = certificate.and_then(server_config);
        let config = config.map_err(|error| self.broken(&error.to_string()))?;
        let ca = read(&tls.authority, lang)?;
        let (operator, serving) =
            LyingOperator::start(self.stage.port, address, &ca, config, keys.receipt)
                .await
                .explained(lang)?;
        let outcome = self.two_lies(cast, order, &operator).await;
        serving.abort();
        drop(hidden);
        let named = outcome?;
        self.scene(text!(
            lang,
            "Der Betreiber schiebt der Behörde einen Schlüssel für Frau Huber unter. Erkannt: {}.",
            "The operator slips in a key for Ms Huber. Caught: {}.",
            named[0]
        ));
        self.scene(text!(
            lang,
            "Der Betreiber lässt eine Quittung verschwinden und unterschreibt den Rest neu. Erkannt: {}.",
            "The operator drops a receipt and signs the rest anew. Caught: {}.",
            named[1]
        ));
        Ok(())
    }

    async fn two_lies(
        &self,
        cast: &Cast,
        order: StatementHash,
        operator: &Arc<LyingOperator>,
    ) -> Result<[String; 2], Failure> {
        let lang = self.lang;
        let victim = self.address(&cast.citizen)?;
        operator.tell(Lie::SlipInKey(victim));
        let letter = Letter {
            subject: "Vertraulich".into(),
            ..letter_to(victim)
        };
        let refused = cast.authority.prepare(&letter, &mut |_, _| ()).await;
        let key = match refused {
            Err(ClientError::Dishonest(lie @ Dishonest::SlippedInKey { .. })) => lie,
            _ => return Err(self.broken("a slipped-in key was not caught")),
        };
        operator.tell(Lie::DropReceipt(order));
        let receipt = match cast.citizen.delivery(order).await {
            Err(ClientError::Dishonest(lie @ Dishonest::Regression { .. })) => lie,
            _ => return Err(self.broken("a dropped receipt was not caught")),
        };
        let address = victim.to_string();
        let short = |text: String| text.replace(&address, "Frau Huber");
        Ok([
            short(key.explain(lang).what),
            short(receipt.explain(lang).what),
        ])
    }
}
