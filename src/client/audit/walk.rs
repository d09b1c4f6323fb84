//! Fetching and checking, stretch by stretch.
//!
//! A stretch is what one tile of level 1 stands for. Its tiles are authenticated from the signed
//! root down, so a wrong one is named; then each entry must hash to its leaf.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use postfach_crypto::tlog::tile::TILE_WIDTH;
use postfach_crypto::tlog::tile_set::check_entries;
use postfach_crypto::tlog::{EntryBundle, Node, Resource, Tile, TileSet, TreeHead, tiles_for};

use super::own::Seeker;
use super::{AuditError, Finding};
use crate::client::http::Http;

/// Entries that are held in memory at once, with their tiles: some 10 MiB.
pub(super) const STRETCH: u64 = 65_536;
/// Files fetched at the same time; a server serves 64 streams of a connection.
const PARALLEL: usize = 32;
const WIDTH: u64 = TILE_WIDTH as u64;

/// One tree, walked.
pub(super) struct Walk<'a> {
    http: &'a Http,
    head: TreeHead,
}

impl<'a> Walk<'a> {
    pub(super) fn new(http: &'a Http, head: TreeHead) -> Self {
        Self { http, head }
    }

    /// Checks the entries `from..to` and all tiles above them; `done` hears how far it is.
    pub(super) async fn range(
        &self,
        from: u64,
        to: u64,
        seeker: &mut Seeker,
        mut done: impl FnMut(u64) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        let mut at = from;
        while at < to {
            let end = (at - at % STRETCH).saturating_add(STRETCH).min(to);
            let bundles = (at / WIDTH..end.div_ceil(WIDTH)).collect();
            self.stretch(bundles, seeker).await?;
            at = end;
            done(at)?;
        }
        Ok(())
    }

    /// Checks these entry bundles and all tiles above them.
    pub(super) async fn bundles(
        &self,
        bundles: Vec<u64>,
        seeker: &mut Seeker,
    ) -> Result<(), AuditError> {
        for some in bundles.chunks(usize::from(TILE_WIDTH)) {
            self.stretch(some.to_vec(), seeker).await?;
        }
        Ok(())
    }

    /// Tiles that hold these nodes, authenticated.
    pub(super) async fn tiles(
        &self,
        nodes: impl IntoIterator<Item = Node>,
    ) -> Result<TileSet, AuditError> {
        let wanted = tiles_for(nodes, self.head.size).map_err(Finding::Tiles)?;
        let fetched: Vec<(Tile, Vec<u8>)> = stream::iter(wanted)
            .map(|tile| async move {
                let full = Tile {
                    width: TILE_WIDTH,
                    ..tile
                };
                let content = self
                    .fetch(Resource::Tile(tile), Resource::Tile(full))
                    .await?;
                Ok::<_, AuditError>((tile, content))
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(TileSet::authenticate(self.head, fetched).map_err(Finding::Tiles)?)
    }

    async fn stretch(&self, bundles: Vec<u64>, seeker: &mut Seeker) -> Result<(), AuditError> {
        let nodes = bundles.iter().map(|index| Node {
            level: 0,
            index: index * WIDTH,
        });
        let tiles = self.tiles(nodes).await?;
        let wanted = bundles
            .iter()
            .filter_map(|index| EntryBundle::at(*index, self.head.size));
        let mut fetched = stream::iter(wanted)
            .map(|bundle| async move {
                let full = EntryBundle {
                    width: TILE_WIDTH,
                    ..bundle
                };
                let fetching = self.fetch(Resource::Entries(bundle), Resource::Entries(full));
                Ok::<_, AuditError>((bundle, fetching.await?))
            })
            .buffered(PARALLEL);
        while let Some((bundle, content)) = fetched.try_next().await? {
            let resource = Resource::Entries(bundle);
            let entries = bundle.read(&content);
            let entries = entries.map_err(|error| Finding::Content(resource, error))?;
            let tile = Tile::at(0, bundle.index, self.head.size);
            let tile = tile.ok_or(Finding::Missing(resource))?;
            let leaves = tiles.hashes(tile).map_err(Finding::Tiles)?;
            let first = bundle.index * WIDTH;
            check_entries(&entries, leaves).map_err(|place| Finding::Entry {
                position: first + place as u64,
            })?;
            for (position, entry) in (first..).zip(&entries) {
                seeker.pass(position, entry);
            }
        }
        Ok(())
    }

    /// Fetches a file; where a partial one is gone, the full one may stand for it.
    async fn fetch(&self, resource: Resource, full: Resource) -> Result<Vec<u8>, AuditError> {
        if let Some(content) = self.http.find_log_file(resource).await? {
            return Ok(content);
        }
        let instead = match full == resource {
            true => None,
            false => self.http.find_log_file(full).await?,
        };
        Ok(instead.ok_or(Finding::Missing(resource))?)
    }
}
