//! BI tools in front of a small bank.

mod bank;
mod capture;
mod clients;
mod governed;
mod protocol;
mod wire;
