//! On a disk that is full, work is done or not done, never half.

use super::*;
use std::process::Command;

/// A small disk of its own, unmounted at the end.
struct Disk(Folder);

impl Disk {
    fn mount(kilobytes: u32) -> Option<Self> {
        let folder = Folder::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(&folder.0)
            .output();
        mounted
            .is_ok_and(|m| m.status.success())
            .then_some(Self(folder))
    }

    /// Fills it up to the last page but `pages`.
    fn fill(&self, pages: u64) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len() / 4096 * 4096;
        file.set_len(length.saturating_sub(pages * 4096)).unwrap();
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0.0).status();
        assert!(unmounted.unwrap().success());
    }
}

fn open(disk: &Disk) -> (Repository, Identity, Writer) {
    let (repository, identity) =
        Repository::init(&disk.0.join("repo"), at(0), &*signer(1)).unwrap();
    let settings = Settings {
        chunk_bytes: 100_000,
        ..Settings::default()
    };
    let writer = repository.writer(signer(1), settings).unwrap();
    (repository, identity, writer)
}

fn full(result: Result<(), BackupError>) {
    match result {
        Err(BackupError::DiskFull { .. } | BackupError::Unfinished) => {}
        other => panic!("{other:?}"),
    }
}

fn write_generation(
    writer: &Writer,
    second: i64,
    position: u64,
    data: &[u8],
) -> Result<(), BackupError> {
    let mut generation = writer.begin_generation()?;
    generation
        .write_all(data)
        .map_err(BackupError::at(Path::new("data")))?;
    generation.finish(made(second, position)).map(|_| ())
}

#[test]
fn a_generation_that_finds_the_disk_full_leaves_the_older_ones_whole() {
    let Some(disk) = Disk::mount(1024) else {
        return skipped("a full disk", "mounting a tmpfs needs root");
    };
    let (repository, identity, writer) = open(&disk);
    write_generation(&writer, 0, 0, &noise(200_000)).unwrap();
    full(write_generation(&writer, 1, 0, &noise(2_000_000)));
    // A caller that overlooks the failed write cannot complete it.
    let mut careless = writer.begin_generation().unwrap();
    assert!(careless.write_all(&noise(2_000_000)).is_err());
    full(careless.finish(made(2, 0)).map(|_| ()));
    assert!(tree(&repository.folder().join("tmp")).files.is_empty());
    assert_eq!(repository.generations().unwrap().len(), 1);
    let report = repository.verify(Some(&identity)).unwrap();
    assert!(report.damaged.is_empty(), "{report:?}");
    write_generation(&writer, 3, 0, &noise(200_000)).unwrap();
    assert!(data(&repository, &identity, 2).unwrap() == noise(200_000));
}

#[test]
fn wherever_the_disk_runs_full_each_piece_of_work_is_done_or_not_done() {
    let Some(disk) = Disk::mount(1024) else {
        return skipped("a full disk", "mounting a tmpfs needs root");
    };
    let (repository, identity, writer) = open(&disk);
    write_generation(&writer, 0, 0, b"first").unwrap();
    let (mut entry, mut failed, mut done) = (1, 0, 0);
    for pages in 0..12 {
        let filler = disk.fill(pages);
        let outcomes = [
            write_segment(&writer, entry).map(|()| entry += 1),
            write_keys(&writer),
            write_generation(&writer, 9, entry - 1, &noise(3000)),
        ];
        for outcome in outcomes {
            match outcome {
                Ok(()) => done += 1,
                Err(_) => {
                    full(outcome);
                    failed += 1;
                }
            }
        }
        let report = repository.verify(Some(&identity)).unwrap();
        assert!(report.damaged.is_empty(), "{pages} pages: {report:?}");
        fs::remove_file(filler).unwrap();
        // With space again, the same entry is taken.
        write_segment(&writer, entry).unwrap();
        entry += 1;
    }
    assert!(failed > 3 && done > 3, "{failed} failed, {done} done");
    assert_eq!(writer.last_entry(), entry - 1);
    let journal = repository.generations().unwrap().remove(0).unwrap().number;
    let journal = repository.journal(journal, &identity).unwrap();
    let last = journal.map(Result::unwrap).last().unwrap();
    assert_eq!(last.number, entry - 1);
}

fn write_segment(writer: &Writer, number: u64) -> Result<(), BackupError> {
    let mut segment = writer.begin_segment()?;
    segment.append(number, at(1), &noise(5000))?;
    segment.close(at(2)).map(|_| ())
}

fn write_keys(writer: &Writer) -> Result<(), BackupError> {
    let mut keys = writer.rewrite_keys()?;
    keys.write_all(&noise(5000))
        .map_err(BackupError::at(Path::new("keys")))?;
    keys.finish(at(3)).map(|_| ())
}
