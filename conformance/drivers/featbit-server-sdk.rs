//! Driver for the crate featbit-server-sdk, as its README uses it: a program of its own that depends on it and on serde_json.
use featbit_server_sdk::{ClientStatus, EvaluationDetail, FbClient, FbOptions, FbUser, ReasonKind, SDK_VERSION};
use serde_json::{json, Value};
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Clients = HashMap<String, FbClient>;

enum Failure {
    NotOffered,
    Threw(String),
}

const CAPABILITIES: [&str; 11] = [
    "streaming", "offline", "bootstrap", "disableEvents", "initialized", "status", "allFlags", "track", "flush",
    "flushAndWait", "eventQueueLimit",
];

fn text(from: &Value, member: &str) -> String {
    from[member].as_str().unwrap_or_default().to_owned()
}

fn millis(settings: &Value, name: &str) -> Option<Duration> {
    settings[name].as_f64().map(|value| Duration::from_micros((value * 1000.0) as u64))
}

/// The SDK takes texts; what is no text is written as JSON, and a null attribute is absent.
fn user_of(from: &Value) -> FbUser {
    let mut builder = FbUser::builder(text(from, "key")).name(text(from, "name"));
    for (name, value) in from["custom"].as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(value) => builder = builder.custom(name, value),
            other => builder = builder.custom(name, other.to_string()),
        }
    }
    builder.build()
}

fn create(asked: &Value) -> Result<FbClient, Failure> {
    if asked["mode"] == "polling" {
        return Err(Failure::NotOffered);
    }
    let settings = &asked["settings"];
    let secret = if asked["secret"].is_string() { text(asked, "secret") } else { "offline".to_owned() };
    // Its constructor waits, and no shorter than a connection may take.
    let connect = millis(settings, "connectTimeoutMs").unwrap_or(Duration::from_secs(3));
    let mut builder = FbOptions::builder(secret).connect_timeout(connect).start_wait(connect);
    if asked["offline"] == true {
        builder = builder.offline(true);
    }
    if asked["bootstrap"].is_string() {
        builder = builder.bootstrap_json(text(asked, "bootstrap"));
    }
    if asked["disableEvents"] == true {
        builder = builder.disable_events(true, false);
    }
    if asked["streamingUrl"].is_string() {
        builder = builder.streaming_url(text(asked, "streamingUrl")).event_url(text(asked, "eventUrl"));
    }
    if let Some(time) = millis(settings, "pingIntervalMs") { builder = builder.keep_alive_interval(time); }
    if let Some(time) = millis(settings, "firstRetryDelayMs") { builder = builder.reconnect_delays([time]); }
    if let Some(time) = millis(settings, "flushIntervalMs") { builder = builder.auto_flush_interval(time); }
    if let Some(time) = millis(settings, "eventRetryIntervalMs") { builder = builder.send_event_retry_interval(time); }
    if let Some(time) = millis(settings, "eventRequestTimeoutMs") { builder = builder.event_request_timeout(time); }
    if let Some(time) = millis(settings, "closeTimeoutMs") { builder = builder.close_timeout(time); }
    if let Some(count) = settings["eventMaxRetries"].as_u64() {
        builder = builder.max_send_event_attempts(count as usize + 1);
    }
    if let Some(count) = settings["maxEventsInQueue"].as_u64() { builder = builder.max_events_in_queue(count as usize); }
    let options = builder.build().map_err(|error| Failure::Threw(error.to_string()))?;
    Ok(FbClient::with_options(options))
}

fn reason_of(kind: ReasonKind) -> String {
    format!("{kind:?}") // The names are the suite's.
}

fn reply<T: Into<Value>>(detail: EvaluationDetail<T>) -> Value {
    json!({ "value": detail.value.into(), "variationId": detail.variation_id, "reason": reason_of(detail.kind) })
}

fn evaluate(client: &FbClient, asked: &Value) -> Value {
    let (key, user, fallback) = (text(asked, "flag"), user_of(&asked["user"]), &asked["default"]);
    match asked["type"].as_str() {
        Some("boolean") => reply(client.bool_variation_detail(&key, &user, fallback == true)),
        Some("number") => reply(client.float_variation_detail(&key, &user, fallback.as_f64().unwrap_or_default())),
        Some("json") => reply(client.json_variation_detail(&key, &user, fallback.clone())),
        _ => reply(client.string_variation_detail(&key, &user, fallback.as_str().unwrap_or_default())),
    }
}

/// The SDK waits in its constructor only; otherwise one looks.
fn wait(client: &FbClient, time: Duration) -> Value {
    let end = Instant::now() + time;
    while !client.initialized() && Instant::now() < end {
        if client.status() == ClientStatus::Closed {
            return json!({ "outcome": "failed" });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    json!({ "outcome": if client.initialized() { "ready" } else { "timeout" } })
}

fn call(clients: &mut Clients, asked: &Value) -> Result<Value, Failure> {
    let name = text(asked, "client");
    if asked["op"] == "hello" {
        let about = json!({ "sdk": "featbit-server-sdk", "version": SDK_VERSION, "language": "Rust", "reconnectMs": 2000,
            "capabilities": CAPABILITIES });
        return Ok(about);
    }
    if asked["op"] == "create" {
        clients.insert(name, create(asked)?);
        return Ok(json!({}));
    }
    let client = clients.get(&name).ok_or(Failure::NotOffered)?;
    match asked["op"].as_str().unwrap_or_default() {
        "initialized" => return Ok(json!({ "initialized": client.initialized() })),
        "status" => return Ok(json!({ "status": format!("{:?}", client.status()) })),
        "evaluate" => return Ok(evaluate(client, asked)),
        "allFlags" => {
            let flags: Vec<Value> = client.all_variations(&user_of(&asked["user"])).into_iter().map(|detail| {
                json!({ "flagKey": detail.key.clone(), "value": detail.value, "variationId": detail.variation_id,
                    "reason": reason_of(detail.kind) })
            }).collect();
            return Ok(json!({ "flags": flags }));
        }
        "track" => match &asked["value"] {
            Value::Null => client.track(&user_of(&asked["user"]), &text(asked, "eventName")),
            value => {
                // JSON has no NaN and no infinities; the suite sends their names.
                let number = value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
                client.track_value(&user_of(&asked["user"]), &text(asked, "eventName"), number);
            }
        },
        "flush" => client.flush(),
        _ => return Err(Failure::NotOffered),
    }
    Ok(json!({}))
}

fn main() {
    let output = Arc::new(std::sync::Mutex::new(std::io::stdout()));
    let send = |output: &Arc<std::sync::Mutex<std::io::Stdout>>, reply: Value| {
        let _ = writeln!(output.lock().unwrap(), "{reply}");
    };
    let mut clients = Clients::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let asked: Value = serde_json::from_str(&line).unwrap_or_default();
        let (id, time) = (asked["id"].clone(), millis(&asked, "timeoutMs").unwrap_or_default());
        let slow = clients.get(&text(&asked, "client")).cloned();
        match (asked["op"].as_str(), slow) {
            (Some("exit"), _) => return send(&output, json!({ "id": id, "result": {} })),
            (Some(op @ ("waitForInitialization" | "flushAndWait" | "close")), Some(client)) => {
                let (output, op) = (Arc::clone(&output), op.to_owned());
                std::thread::spawn(move || {
                    let result = match op.as_str() {
                        "waitForInitialization" => wait(&client, time),
                        "flushAndWait" => json!({ "done": client.flush_and_wait(time) }),
                        _ => {
                            client.close();
                            json!({})
                        }
                    };
                    let _ = writeln!(output.lock().unwrap(), "{}", json!({ "id": id, "result": result }));
                });
            }
            _ => {
                let result = catch_unwind(AssertUnwindSafe(|| call(&mut clients, &asked)))
                    .unwrap_or_else(|_| Err(Failure::Threw("panic".to_owned())));
                send(&output, match result {
                    Ok(result) => json!({ "id": id, "result": result }),
                    Err(Failure::NotOffered) => json!({ "id": id, "error": { "code": "not-offered", "message": "not offered" } }),
                    Err(Failure::Threw(text)) => json!({ "id": id, "error": { "code": "threw", "message": text } }),
                });
            }
        }
    }
}
