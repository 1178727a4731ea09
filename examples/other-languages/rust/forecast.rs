//! What is usual then, times how far today is from usual: a forecast of traffic counts in Rust, without crates.
//!
//! Messages come on standard input and go to standard output: four bytes of length, little endian, then a frame of
//! msgpack, [number, verb, payload]. What a person shall read goes to standard error.

use std::io::{self, Read, Write};

// --------------------------------------------------------------------------------------------------------- msgpack

enum Value {
    Nothing,
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            Value::Text(text) => text.parse().expect("a number was expected"), // as it stands in a CSV file
            _ => panic!("a number was expected"),
        }
    }

    fn text(&self) -> &str {
        if let Value::Text(text) = self {
            text
        } else {
            panic!("a text was expected")
        }
    }

    fn list(&self) -> &[Value] {
        if let Value::List(members) = self {
            members
        } else {
            panic!("a list was expected")
        }
    }

    fn get(&self, key: &str) -> &Value {
        let Value::Map(members) = self else { panic!("a map was expected") };
        let found = members.iter().find(|(name, _)| matches!(name, Value::Text(text) if text == key));
        &found.unwrap_or_else(|| panic!("the problem has no {key}")).1
    }
}

fn take<'a>(from: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, left) = from.split_at(length);
    *from = left;
    taken
}

fn whole(from: &mut &[u8], length: usize) -> u64 {
    take(from, length).iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn text(from: &mut &[u8], length: usize) -> Value {
    Value::Text(String::from_utf8(take(from, length).to_vec()).expect("text is UTF-8"))
}

fn list(from: &mut &[u8], length: usize) -> Value {
    Value::List((0..length).map(|_| value(from)).collect())
}

fn map(from: &mut &[u8], length: usize) -> Value {
    Value::Map((0..length).map(|_| (value(from), value(from))).collect())
}

fn value(from: &mut &[u8]) -> Value {
    let first = whole(from, 1) as u8;
    let small = |mask: u8| usize::from(first & mask);
    match first {
        0x00..=0x7f => Value::Number(f64::from(first)),
        0x80..=0x8f => map(from, small(15)),
        0x90..=0x9f => list(from, small(15)),
        0xa0..=0xbf => text(from, small(31)),
        0xc2 | 0xc3 => Value::Number(f64::from(first - 0xc2)),
        0xca => Value::Number(f64::from(f32::from_bits(whole(from, 4) as u32))),
        0xcb => Value::Number(f64::from_bits(whole(from, 8))),
        0xcc..=0xcf => Value::Number(whole(from, 1 << (first - 0xcc)) as f64),
        0xd0..=0xd3 => {
            let length = 1 << (first - 0xd0);
            let shift = 64 - 8 * length as u32;
            Value::Number(((whole(from, length) << shift) as i64 >> shift) as f64)
        }
        0xd9..=0xdb => {
            let length = whole(from, 1 << (first - 0xd9)) as usize;
            text(from, length)
        }
        0xdc | 0xdd => {
            let length = whole(from, if first == 0xdc { 2 } else { 4 }) as usize;
            list(from, length)
        }
        0xde | 0xdf => {
            let length = whole(from, if first == 0xde { 2 } else { 4 }) as usize;
            map(from, length)
        }
        0xe0..=0xff => Value::Number(f64::from(first as i8)),
        _ => Value::Nothing,
    }
}

fn put_text(frame: &mut Vec<u8>, said: &str) {
    frame.push(0xdb);
    frame.extend((said.len() as u32).to_be_bytes());
    frame.extend(said.as_bytes());
}

fn begun(seq: u32, verb: &str) -> Vec<u8> {
    let mut frame = vec![0x93, 0xce];
    frame.extend(seq.to_be_bytes());
    put_text(&mut frame, verb);
    frame
}

fn send(frame: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(&(frame.len() as u32).to_le_bytes())?;
    out.write_all(frame)?;
    out.flush()
}

// ---------------------------------------------------------------------------------------------------- the forecast

/// Vehicles of "as usual" that are mixed into the last hour: chance is worth as many.
const USUAL: f64 = 20.0;

/// How much of today's factor is left after so many minutes, since events end.
fn left_after(minutes: f64) -> f64 {
    match minutes as u32 {
        0..=5 => 0.9,
        6..=15 => 0.8,
        16..=30 => 0.65,
        _ => 0.45,
    }
}

fn solve(seq: u32, problem: &Value) -> Vec<u8> {
    let inputs = problem.get("inputs");
    let column = |name: &str| inputs.get(name).list();
    let counts: Vec<&[Value]> = (1..=12).map(|k| column(&format!("c{k}"))).collect();
    let (minutes, then, usual_hour) = (column("horizon_min"), column("usual_then"), column("usual_hour"));
    let ids = column("id");

    let mut frame = begun(seq, "ok");
    frame.push(0x82);
    put_text(&mut frame, "id");
    frame.push(0xdd);
    frame.extend((ids.len() as u32).to_be_bytes());
    for id in ids {
        put_text(&mut frame, id.text());
    }
    put_text(&mut frame, "prediction");
    frame.push(0xdd);
    frame.extend((ids.len() as u32).to_be_bytes());
    for row in 0..ids.len() {
        let hour = counts.iter().fold(0.0, |sum, column| sum + column[row].number());
        let factor = (hour + USUAL) / (usual_hour[row].number() + USUAL);
        let count = then[row].number() * (1.0 + left_after(minutes[row].number()) * (factor - 1.0));
        frame.push(0xcb);
        frame.extend(count.to_be_bytes());
    }
    frame
}

fn main() -> io::Result<()> {
    let mut ready = begun(0, "ready");
    ready.push(1); // the version of the protocol
    send(&ready)?;
    let mut input = io::stdin().lock();
    let mut head = [0; 4];
    while input.read_exact(&mut head).is_ok() {
        let mut frame = vec![0; u32::from_le_bytes(head) as usize];
        input.read_exact(&mut frame)?;
        let asked = value(&mut frame.as_slice());
        let [seq, verb, payload] = asked.list() else { panic!("a frame has three members") };
        let seq = seq.number() as u32;
        if verb.text() == "solve" {
            send(&solve(seq, payload))?;
        } else {
            let mut missing = begun(seq, "missing");
            put_text(&mut missing, verb.text());
            send(&missing)?;
        }
    }
    Ok(())
}
