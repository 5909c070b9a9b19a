//! Account takeovers: somebody else signs in, from a device never seen before, and empties the account.
//!
//! In the app it looks like this: failed logins, a password reset, a new device, a raised limit, then straight to the
//! transfer. In the accounts: one to four transfers within half an hour. The money goes to a mule network where one is
//! at work, and otherwise to another bank.

use super::{Deed, Scene, Step, mules::Network};
use crate::{
    calendar::DAY_MS,
    life::records::{OUTSIDERS, Plot, Scenario},
    people::Person,
    random::Stream,
};

const TAKEOVER_RATE: f64 = 0.000_16;
const MINUTE: u32 = 60_000;

pub(super) fn steps(scene: &Scene<'_>, networks: &[Network]) -> Vec<Step> {
    let mut steps = Vec::new();
    for case in 0..scene.cases(TAKEOVER_RATE, 4) {
        let mut stream = scene.stream(Scenario::AccountTakeover, case);
        let day = scene.day(&mut stream, 2);
        let victim = scene.somebody(&mut stream, day - 20, |p| p.traits.digital > 0.4 && p.income > 3000);
        rob(&mut stream, networks, victim, day, case as u32, &mut steps);
    }
    steps
}

fn rob(stream: &mut Stream, networks: &[Network], victim: &Person, day: i32, case: u32, steps: &mut Vec<Step>) {
    let plot = Plot { scenario: Scenario::AccountTakeover, case };
    let hour = if stream.chance(0.6) { stream.between(0.5, 5.5) } else { stream.between(8.0, 22.0) };
    let mut at = (hour * 60.0) as u32 * MINUTE + stream.below(MINUTE as usize) as u32;
    steps.push(Step { person: victim.number, day, at, deed: Deed::Intrusion, amount: 0, other: 0, plot });
    let loot = f64::from(victim.income) * stream.between(0.5, 2.5);
    let parts = 1 + stream.below(4);
    let network = networks.iter().find(|n| (n.from..n.from + n.days).contains(&day)).filter(|_| stream.chance(0.7));
    for _ in 0..parts {
        at += (2 + stream.below(8) as u32) * MINUTE + stream.below(MINUTE as usize) as u32;
        if at >= DAY_MS {
            return;
        }
        let yuan = loot / parts as f64 * stream.between(0.8, 1.2);
        let amount = super::mules::round_sum(stream, yuan).max(10_000);
        let other = network.map_or(OUTSIDERS + stream.below(1 << 20) as u32, |n| stream.pick(&n.front));
        steps.push(Step { person: victim.number, day, at, deed: Deed::TransferOut, amount, other, plot });
        if let Some(network) = network {
            let sender = victim.number;
            let plot = Plot { scenario: Scenario::MuleNetwork, case: network.case };
            steps.push(Step { person: other, day, at, deed: Deed::TransferIn, amount, other: sender, plot });
            super::mules::pass_on(stream, network, other, (day, at, amount), steps);
        }
    }
}
