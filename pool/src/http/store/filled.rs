//! A file whose new pages are written with zeros before they are needed.
//!
//! redb makes its file longer without writing to it. The first write to such a place makes the file
//! system look for room and note it, which `fsync` then waits for: it takes twice as long as where
//! there were bytes before.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, DatabaseError, StorageBackend};

/// How many bytes are filled at once.
const STEP: u64 = 1 << 20;

static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// A [`FileBackend`] that fills.
#[derive(Debug)]
pub(super) struct Filled {
    file: FileBackend,
    /// From here on nothing was ever written.
    end: Mutex<u64>,
    /// Whether what redb wants durable is made so.
    syncs: bool,
}

impl Filled {
    pub(super) fn new(file: File) -> Result<Self, DatabaseError> {
        // Of what is there nobody knows how far it was written.
        let end = file.metadata().map_err(redb::StorageError::Io)?.len();
        Ok(Self {
            file: FileBackend::new(file)?,
            end: Mutex::new(end),
            syncs: true,
        })
    }

    /// The same for a file that nobody looks for before all of it is made durable at once.
    pub(super) fn unsynced(self) -> Self {
        Self {
            syncs: false,
            ..self
        }
    }

    /// Fills up to `needed` and further, within the file.
    fn fill(&self, needed: u64) -> io::Result<()> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if needed <= *end {
            return Ok(());
        }
        let until = needed
            .saturating_add(STEP)
            .min(self.file.len()?)
            .max(needed);
        let mut filled = *end;
        *end = until;
        while filled < until {
            let left = usize::try_from(until - filled).unwrap_or(usize::MAX);
            let zeros = ZEROS.get(..left).unwrap_or(&ZEROS);
            // Where there is no room to fill, there may be some for what is to be written.
            if self.file.write(filled, zeros).is_err() {
                break;
            }
            filled += zeros.len() as u64;
        }
        Ok(())
    }
}

impl StorageBackend for Filled {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        *end = length.min(*end);
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        if !self.syncs {
            return Ok(());
        }
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.fill(offset.saturating_add(length))?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::randomness::{Randomness, SeededRandomness};

    fn path(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("filled-{name}-{}", std::process::id()))
    }

    fn opened(path: &std::path::Path) -> Filled {
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).open(path);
        Filled::new(file.unwrap()).unwrap()
    }

    /// Longer, shorter, written and opened again at random: it reads as a file that nobody fills.
    #[test]
    fn nothing_is_read_but_what_was_written() {
        const MOST: usize = 3 << 20;
        let path = path("random");
        let mut randomness = SeededRandomness::new(14);
        let mut drawn = |below: usize| {
            let mut bytes = [0; 8];
            randomness.fill(&mut bytes);
            usize::try_from(u64::from_le_bytes(bytes) % below as u64).unwrap()
        };
        let (mut file, mut expected) = (opened(&path), Vec::new());
        for round in 0..600 {
            match drawn(10) {
                0 => {
                    expected.resize(drawn(MOST), 0);
                    file.set_len(expected.len() as u64).unwrap();
                }
                1 => {
                    drop(file);
                    file = opened(&path);
                }
                _ if !expected.is_empty() => {
                    let at = drawn(expected.len());
                    let data = vec![1 + (round % 255) as u8; drawn(9000).min(expected.len() - at)];
                    expected[at..at + data.len()].copy_from_slice(&data);
                    file.write(at as u64, &data).unwrap();
                }
                _ => {}
            }
            assert_eq!(file.len().unwrap(), expected.len() as u64);
            if round % 20 == 19 {
                let mut read = vec![0; expected.len()];
                file.read(0, &mut read).unwrap();
                assert!(read == expected, "round {round}");
            }
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn there_is_room_ahead_of_what_is_written() {
        let path = path("ahead");
        let file = opened(&path);
        file.set_len(4 << 20).unwrap();
        file.write(4096, &[1; 4096]).unwrap();
        file.sync_data().unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        let blocks = std::os::unix::fs::MetadataExt::blocks(&metadata);
        assert!(blocks * 512 >= STEP, "{blocks} blocks of 512 bytes");
        assert!(blocks * 512 < 3 * STEP, "{blocks} blocks of 512 bytes");
        std::fs::remove_file(&path).unwrap();
    }
}
