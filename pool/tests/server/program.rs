//! The running program, and a client of few words.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// No reply and no stop may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a free port of loopback, ended when dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    greeting: String,
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts the program and waits until it is ready.
    pub(crate) fn start(args: &[&str]) -> Self {
        try_start(args).unwrap_or_else(|log| panic!("it did not start: {log}"))
    }

    /// The same, with no more than so many file descriptors.
    #[cfg(unix)]
    pub(crate) fn with_descriptors(most: u32, args: &[&str]) -> Self {
        let limited = format!("ulimit -n {most} && exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_cognito-pool")]);
        start_as(command, args).unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it printed at its start.
    pub(crate) fn greeting(&self) -> &str {
        &self.greeting
    }

    /// Calls an operation of the user pool.
    pub(crate) fn call(&self, operation: &str, input: &Value) -> Reply {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        self.request("POST", "/", &headers, input.to_string().as_bytes())
    }

    /// Calls an operation of IAM or SNS.
    pub(crate) fn query(&self, parameters: &[(&str, &str)]) -> Reply {
        let encoded = |text: &str| cognito_pool::percent_encoded(text);
        let body: Vec<_> = parameters
            .iter()
            .map(|(key, value)| format!("{key}={}", encoded(value)))
            .collect();
        let type_ = (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        self.request("POST", "/", &[type_], body.join("&").as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    /// Sends one request on a connection of its own and reads the whole reply.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        let mut stream = self.open(&head);
        // A server that refuses early may close before it has read all.
        let _ = stream.write_all(body);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        Reply::parse(&reply)
    }

    /// A connection on which `text` was sent.
    pub(crate) fn open(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = stream.write_all(text.as_bytes());
        stream
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.id();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it logged until it ended.
    pub(crate) fn log(&mut self) -> String {
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program and waits until it is ready; what it logged, if it does not get there.
pub(crate) fn try_start(args: &[&str]) -> Result<Server, String> {
    start_as(Command::new(env!("CARGO_BIN_EXE_cognito-pool")), args)
}

/// The same, by a command that runs it.
pub(crate) fn start_as(mut command: Command, args: &[&str]) -> Result<Server, String> {
    command.args(["--listen", "127.0.0.1:0"]);
    let without_seed = args.contains(&"--without-seed");
    if !without_seed && !args.contains(&"--key") {
        // The key of a seed is there at once; making one takes long in a debug build.
        command.args(["--seed", "1"]);
    }
    let args = args.iter().filter(|it| **it != "--without-seed");
    let piped = command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.stdin(Stdio::null()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        text
    });
    let mut greeting = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        greeting.push_str(&line.unwrap());
        greeting.push('\n');
        if greeting.ends_with("\nReady. Ctrl-C stops it.\n") {
            break;
        }
    }
    let first = greeting.lines().next().unwrap_or_default();
    let Some((_, address)) = first.split_once("http://") else {
        let _ = child.wait();
        return Err(log.join().unwrap());
    };
    Ok(Server {
        address: address.parse().unwrap(),
        child,
        greeting,
        log: Some(log),
    })
}

/// Runs the program with arguments by which it cannot start: its exit code and its complaint.
pub(crate) fn failing(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cognito-pool"))
        .args(["--listen", "127.0.0.1:0", "--seed", "1"])
        .args(args)
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Reads until `end` was read.
pub(crate) fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&read).contains(end) {
        stream.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

/// A reply as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// How long status line and headers were, in bytes.
    pub(crate) head: usize,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn parse(reply: &[u8]) -> Self {
        let end = reply
            .windows(4)
            .position(|it| it == b"\r\n\r\n")
            .expect("no reply");
        let head = String::from_utf8(reply[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self {
            status,
            head: end,
            headers,
            body: reply[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All headers of that name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let found = self.headers.iter().filter(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// The name of the exception, if it is one.
    pub(crate) fn error(&self) -> Option<&str> {
        self.header("x-amzn-errortype")
            .map(|name| name.trim_end_matches(':'))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A folder that is removed when dropped.
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unique = format!("cognito-pool-{name}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and says where it is.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
