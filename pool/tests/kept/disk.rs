//! Files that cannot be used, and disks that are full.

use std::fs;
use std::path::Path;
use std::process::Command;

use redb::{ReadableDatabase, ReadableTableMetadata};
use serde_json::json;

use crate::program::{Server, TempDir, failing, start_as};
use crate::{POOL, create, users};

/// A file with a few users.
fn made(path: &Path) {
    let mut server = Server::start(&["--data", path.to_str().unwrap()]);
    for number in 0..20 {
        assert!(create(&server, &format!("user-{number}")));
    }
    server.signal("TERM");
    assert!(server.wait().success());
}

/// The complaint of a server that does not start with this file, which stays as it was.
fn refused(path: &Path) -> String {
    let before = fs::read(path).ok();
    let complaint = complaint(path);
    assert!(fs::read(path).ok() == before, "it was changed: {complaint}");
    complaint
}

fn complaint(path: &Path) -> String {
    let (code, complaint) = failing(&["--data", path.to_str().unwrap(), "--log", "off"]);
    assert_eq!(code, Some(1), "{complaint}");
    assert!(complaint.contains(path.to_str().unwrap()), "{complaint}");
    assert!(!complaint.contains("panicked"), "{complaint}");
    complaint
}

#[test]
fn what_is_no_such_file_is_refused_and_left_alone() {
    let folder = TempDir::new("kept");
    let path = |name: &str| folder.path().join(name);
    assert!(refused(folder.path()).contains("not a file"));
    assert!(refused(&path("no/such/folder.db")).contains("cannot be made"));
    fs::write(path("text.db"), "PoolName = 'demo'\n".repeat(1000)).unwrap();
    assert!(refused(&path("text.db")).contains("not a file of cognito-pool"));
    fs::write(path("short.db"), "x").unwrap();
    assert!(refused(&path("short.db")).contains("not a file of cognito-pool"));

    let file = path("read-only.db");
    made(&file);
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    assert!(refused(&file).contains("read-only"));
}

#[test]
fn another_program_s_database_is_refused() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("other.db");
    let table = redb::TableDefinition::<u64, u64>::new("theirs");
    let database = redb::Database::create(&file).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(table).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(complaint(&file).contains("not a file of cognito-pool"));
    let database = redb::Database::open(&file).unwrap();
    let theirs = database.begin_read().unwrap().open_table(table).unwrap();
    assert_eq!(theirs.get(1).unwrap().unwrap().value(), 2);
}

#[test]
fn another_version_is_refused() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    made(&file);
    // As a later format would be written: with its number, and everything else in order.
    let table = redb::TableDefinition::<&str, &[u8]>::new("about");
    let database = redb::Database::open(&file).unwrap();
    let transaction = database.begin_write().unwrap();
    let value = {
        use sha2::Digest;
        let hash = sha2::Sha256::new()
            .chain_update(6_u64.to_be_bytes())
            .chain_update("format")
            .chain_update("2");
        [&hash.finalize()[..8], b"2"].concat()
    };
    let mut about = transaction.open_table(table).unwrap();
    about.insert("format", value.as_slice()).unwrap();
    drop(about);
    transaction.commit().unwrap();
    drop(database);
    let complaint = complaint(&file);
    assert!(complaint.contains("another version"), "{complaint}");
    assert!(complaint.contains("export"), "{complaint}");
    let rows = redb::TableDefinition::<&str, &[u8]>::new("rows");
    let database = redb::Database::open(&file).unwrap();
    let there = database.begin_read().unwrap().open_table(rows).unwrap();
    assert!(there.len().unwrap() > 20);
}

#[test]
fn a_damaged_file_is_refused_or_says_what_it_said() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    made(&file);
    let whole = fs::read(&file).unwrap();
    let before = users(&Server::start(&["--data", file.to_str().unwrap()]));
    let mut refusals = 0;
    let damaged = folder.path().join("damaged.db");
    // A step that meets every part of a page, and many pages.
    for at in (0..whole.len()).step_by(whole.len() / 40 + 13) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(at).take(16) {
            *byte = !*byte;
        }
        fs::write(&damaged, &bytes).unwrap();
        match crate::program::try_start(&["--data", damaged.to_str().unwrap()]) {
            // What was hit was nothing that is used.
            Ok(server) => assert_eq!(users(&server), before, "at {at}"),
            Err(complaint) => {
                refusals += 1;
                assert!(!complaint.contains("panicked"), "at {at}: {complaint}");
                assert!(
                    fs::read(&damaged).unwrap() == bytes,
                    "at {at} it was changed"
                );
            }
        }
    }
    assert!(refusals > 5, "{refusals}");
    for length in [whole.len() / 2, whole.len() - 4096, 4096, 100] {
        fs::write(&damaged, &whole[..length]).unwrap();
        refused(&damaged);
    }
}

/// A file that may not grow stands for a disk that is full: `ulimit -f`, with its signal ignored, so
/// that writing fails with an error.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_nothing_is_half_written() {
    let folder = TempDir::new("kept");
    let file = folder.path().join("kept.db");
    let path = file.to_str().unwrap();
    let mut command = Command::new("bash");
    let script = "trap '' XFSZ; ulimit -S -f 400; exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_cognito-pool")]);
    let server = start_as(command, &["--data", path]).unwrap();
    let mut answered = Vec::new();
    let mut failed = None;
    for number in 0..2000 {
        let name = format!("user-{number}");
        let input = json!({ "UserPoolId": POOL, "Username": name, "MessageAction": "SUPPRESS" });
        let reply = server.call("AdminCreateUser", &input);
        if reply.status == 200 {
            answered.push(name);
        } else {
            failed = Some(reply);
            break;
        }
    }
    let failed = failed.expect("the disk is never full");
    assert_eq!(failed.status, 500);
    let error = failed.json();
    assert_eq!(error["__type"], "InternalErrorException");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("cannot be written"), "{message}");
    // In memory there is what is in the file.
    let there = |server: &Server| users(server).into_keys().collect::<Vec<_>>();
    answered.sort();
    assert_eq!(there(&server), answered);
    // Once there is room again, it goes on.
    let lifted = Command::new("prlimit")
        .args(["--pid", &server.id(), "--fsize=unlimited:"])
        .status()
        .unwrap();
    assert!(lifted.success());
    let began = std::time::Instant::now();
    while !create(&server, "later") {
        assert!(began.elapsed().as_secs() < 20, "it does not recover");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    answered.push("later".into());
    answered.sort();
    assert_eq!(there(&server), answered);
    drop(server);
    assert_eq!(there(&Server::start(&["--data", path])), answered);
}

/// The key is made beside the server, which ends with the reason where there is no room for it: nobody
/// has seen anything that it signed.
#[cfg(target_os = "linux")]
#[test]
fn a_key_that_cannot_be_kept_ends_the_server() {
    let mut ended = 0;
    for clients in [0, 20, 30, 35, 40, 45] {
        let folder = TempDir::new("kept");
        let (file, described) = (folder.path().join("kept.db"), folder.path().join("p.json"));
        let clients: Vec<_> = (0..clients)
            .map(|number| json!({ "ClientName": "app", "ClientId": format!("client{number}") }))
            .collect();
        let description = json!({ "PoolName": "p", "Id": POOL, "Clients": clients });
        fs::write(&described, description.to_string()).unwrap();
        let args = [
            "--without-seed",
            "--data",
            file.to_str().unwrap(),
            "--pool",
            described.to_str().unwrap(),
        ];
        // A new file is as long as this, and has room for some clients beside the key.
        let script = "trap '' XFSZ; ulimit -S -f 76; exec \"$0\" \"$@\"";
        let mut command = Command::new("bash");
        command.args(["-c", script, env!("CARGO_BIN_EXE_cognito-pool")]);
        let complaint = match start_as(command, &args) {
            Ok(mut server) => {
                let seen = keys_if_any(&server);
                if !seen.is_empty() {
                    drop(server);
                    assert_eq!(keys_if_any(&Server::start(&args)), seen);
                    continue;
                }
                assert_eq!(server.wait().code(), Some(1));
                ended += 1;
                server.log()
            }
            Err(complaint) => complaint,
        };
        assert!(complaint.contains("cannot be written"), "{complaint}");
    }
    assert!(ended > 0, "no file was full just then");
}

/// The signing keys that the server shows; none, where it has ended.
#[cfg(target_os = "linux")]
fn keys_if_any(server: &Server) -> Vec<serde_json::Value> {
    use std::io::{Read, Write};

    let path = format!("/{POOL}/.well-known/jwks.json");
    let mut reply = String::new();
    if let Ok(mut stream) = std::net::TcpStream::connect(server.address()) {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut reply);
    }
    let (_, body) = reply.split_once("\r\n\r\n").unwrap_or_default();
    let keys: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    keys["keys"].as_array().cloned().unwrap_or_default()
}
