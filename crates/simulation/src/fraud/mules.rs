//! Mule networks: accounts that pass on what was stolen elsewhere.
//!
//! A network has five to nine people who do not know each other, in two layers. Money from outside arrives with the first
//! layer, goes on within the hour to the second, less a share, and leaves as cash or to another bank on the same day.

use super::{Deed, Scene, Step};
use crate::{
    calendar::DAY_MS,
    life::{
        records::{MACHINES, OUTSIDERS, Plot, Scenario},
        sums,
    },
    people::work::STUDENT,
    random::Stream,
};

const NETWORK_RATE: f64 = 0.000_02;
const MINUTE: u32 = 60_000;

/// People who pass money on.
pub(super) struct Network {
    pub(super) case: u32,
    pub(super) from: i32,
    pub(super) days: i32,
    /// Who receives first.
    pub(super) front: Vec<u32>,
    back: Vec<u32>,
}

pub(super) fn networks(scene: &Scene<'_>) -> Vec<Network> {
    (0..scene.cases(NETWORK_RATE, 2)).map(|case| network(scene, case)).collect()
}

fn network(scene: &Scene<'_>, case: usize) -> Network {
    let mut stream = scene.stream(Scenario::MuleNetwork, case);
    let days = 18 + stream.below(40) as i32;
    let from = scene.day(&mut stream, days + 1);
    let size = 5 + stream.below(5);
    let mut members: Vec<u32> = Vec::new();
    for _ in 0..size {
        let member = scene.somebody(&mut stream, from, |p| {
            p.income < 7000 && p.age_on(from) < 45 || usize::from(p.occupation) == STUDENT
        });
        if !members.contains(&member.number) {
            members.push(member.number);
        }
    }
    let back = members.split_off(members.len() * 3 / 5);
    Network { case: case as u32, from, days, front: members, back }
}

/// What goes through the networks by their own doing; victims who bank here add to it.
pub(super) fn steps(scene: &Scene<'_>, networks: &[Network]) -> Vec<Step> {
    let mut steps = Vec::new();
    for network in networks {
        let mut stream = scene.stream(Scenario::MuleNetwork, network.case as usize + (1 << 20));
        for _ in 0..8 + stream.below(18) {
            let day = network.from + stream.below(network.days.max(1) as usize) as i32;
            let at = (stream.between(7.0, 21.0) * 3_600_000.0) as u32;
            let yuan = stream.log_normal(9000.0, 0.7).clamp(1500.0, 49_000.0);
            let amount = round_sum(&mut stream, yuan);
            let sender = OUTSIDERS + stream.below(1 << 20) as u32;
            let first = stream.pick(&network.front);
            steps.push(arrival(network, first, day, at, amount, sender));
            pass_on(&mut stream, network, first, (day, at, amount), &mut steps);
        }
    }
    steps
}

fn arrival(network: &Network, person: u32, day: i32, at: u32, amount: i64, other: u32) -> Step {
    Step { person, day, at, deed: Deed::TransferIn, amount, other, plot: plot(network) }
}

fn plot(network: &Network) -> Plot {
    Plot { scenario: Scenario::MuleNetwork, case: network.case }
}

/// From the first layer on: within the hour to the second, and out on the same day.
pub(super) fn pass_on(
    stream: &mut Stream,
    network: &Network,
    first: u32,
    money: (i32, u32, i64),
    steps: &mut Vec<Step>,
) {
    let (day, at, amount) = money;
    let plot = plot(network);
    let second = if network.back.is_empty() { first } else { stream.pick(&network.back) };
    let mut at = at + (stream.between(6.0, 56.0) * f64::from(MINUTE)) as u32;
    let mut rest = amount;
    if second != first && at < DAY_MS {
        rest = keep_share(stream, rest);
        steps.push(Step { person: first, day, at, deed: Deed::TransferOut, amount: rest, other: second, plot });
        steps.push(Step { person: second, day, at, deed: Deed::TransferIn, amount: rest, other: first, plot });
        at += (stream.between(8.0, 98.0) * f64::from(MINUTE)) as u32;
    }
    if at >= DAY_MS {
        return;
    }
    rest = keep_share(stream, rest);
    let cash = stream.chance(0.4) && rest <= 2_000_000;
    let deed = if cash { Deed::CashOut } else { Deed::TransferOut };
    let stranger = OUTSIDERS + stream.below(1 << 20) as u32;
    let (rest, other) =
        if cash { (sums::cash(stream, rest as f64 / 100.0) as i64 * 100, MACHINES) } else { (rest, stranger) };
    steps.push(Step { person: second, day, at, deed, amount: rest, other, plot });
}

/// A mule keeps two to five in a hundred, and passes on a sum as people transfer it.
fn keep_share(stream: &mut Stream, amount: i64) -> i64 {
    let yuan = amount as f64 / 100.0 * stream.between(0.95, 0.98);
    round_sum(stream, yuan).max(10_000)
}

/// Cents of a sum as people transfer it.
pub(super) fn round_sum(stream: &mut Stream, yuan: f64) -> i64 {
    sums::transfer(stream, yuan) as i64 * 100
}
