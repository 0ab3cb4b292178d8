//! WebDriver, as far as it is needed here: JSON over HTTP to a chromedriver of our own.
//! <https://www.w3.org/TR/webdriver2/>; `goog/cdp` and `se/log` are Chromium's.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use ureq::Agent;

/// The name under which the protocol hands out elements.
pub(super) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session with a browser; both end when it is dropped.
pub(super) struct Driver {
    agent: Agent,
    child: Child,
    session: String,
}

impl Driver {
    /// Starts `program` and a browser with these capabilities.
    pub(super) fn start(program: &Path, capabilities: &Value) -> Self {
        let mut child =
            Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // "ChromeDriver was started successfully on port 41857."
        let line = lines.find(|line| line.contains("successfully on port")).expect("chromedriver says its port");
        let port: String = line.rsplit("port").next().unwrap().chars().filter(char::is_ascii_digit).collect();
        // Goes on reading, so that the driver never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120)));
        let mut driver =
            Self { agent: config.build().into(), child, session: format!("http://127.0.0.1:{port}/session") };
        let begun = driver.post("", json!({ "capabilities": { "alwaysMatch": capabilities } })).unwrap();
        driver.session = format!("{}/{}", driver.session, begun["sessionId"].as_str().unwrap());
        driver
    }

    /// What the driver says to a POST.
    ///
    /// # Errors
    /// What the protocol calls an error: its name and message.
    pub(super) fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let answer = self.agent.post(format!("{}{path}", self.session)).send_json(body).map_err(|e| e.to_string())?;
        value_of(answer)
    }

    /// What the driver says to a DELETE.
    ///
    /// # Errors
    /// As [`Driver::post`].
    pub(super) fn delete(&self, path: &str) -> Result<Value, String> {
        value_of(self.agent.delete(format!("{}{path}", self.session)).call().map_err(|error| error.to_string())?)
    }

    /// What the driver says to a GET.
    ///
    /// # Errors
    /// As [`Driver::post`].
    pub(super) fn get(&self, path: &str) -> Result<Value, String> {
        value_of(self.agent.get(format!("{}{path}", self.session)).call().map_err(|error| error.to_string())?)
    }
}

fn value_of(mut answer: ureq::http::Response<ureq::Body>) -> Result<Value, String> {
    let body =
        answer.body_mut().with_config().limit(1 << 28).read_json::<Value>().map_err(|error| error.to_string())?;
    let value = body["value"].clone();
    if answer.status().is_success() { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
