//! A PostgreSQL server for as long as somebody holds the other end of the standard input: for
//! `cargo xtask test`, which runs the services' tests on it. Its one line is the address; no
//! line means that PostgreSQL is not installed.
#![expect(clippy::print_stdout, reason = "the line is what it is for")]

use std::io::Read as _;

use testkit::postgres::{Cluster, ClusterError, Durability};

fn main() -> Result<(), ClusterError> {
    let Some(cluster) = Cluster::start_with(Durability::Memory)? else {
        return Ok(());
    };
    let folder = cluster.socket().display();
    println!("host={folder} user=postgres dbname=postgres");
    // Whoever asked for it may end in any way: the pipe closes.
    let _ended = std::io::stdin().read(&mut [0]);
    Ok(())
}
