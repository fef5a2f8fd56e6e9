//! The bounded queue of two lanes between those who call the store and the store's threads.
//!
//! Each lane takes in so many items and no more: what does not fit is given back
//! ([`Lanes::try_push`], the caller is told to come again) or waits for room
//! ([`Lanes::push`], back-pressure). A full ordinary lane never touches the emergency lane.
//!
//! **Order.** Within a lane, first in, first out. Emergency goes before ordinary, always: an
//! endless stream of emergencies would keep ordinary work waiting, and that is intended. What
//! bounds it is who may use that lane, and that its own bound is small.
//!
//! **Waking.** There are three things to wait for, each with a condition variable of its own:
//! an arrival, room in the ordinary lane, room in the emergency lane. All who wait for one of
//! them wait for the same thing and any one of them can use it up, so `notify_one` is enough:
//!
//! > As long as a thread sleeps for arrivals, there are at most as many items as there are
//! > wake-ups on their way (owed by a push that has let go of the lock, or given and not yet
//! > acted upon).
//!
//! A thread falls asleep only when there are no items: it holds. A push adds one item and
//! owes one wake-up: it holds. A wake-up is used up by a thread that then takes an item, or
//! that finds none, and then it holds again; so it does when someone who did not sleep takes
//! the item away, and when a wait's time runs out, since that thread looks once more before
//! it leaves. Hence no item lies there while everybody sleeps. Read "free places" for "items"
//! and it is the proof for each of the two rooms. It would fail if a push notified only when
//! it finds the lanes empty, or if the two rooms shared one condition variable. Closing is
//! news for everyone, once, and nobody falls asleep after it: `notify_all`.
//!
//! The tests check this in every interleaving (`loom`).

mod sync;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use sync::{Condvar, Guard, Mutex};

/// Which way an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Everything that can bear to be told to come again.
    Ordinary,
    /// What cannot: a life may hang on it.
    Emergency,
}

/// How many items each lane holds at most. A lane of 0 takes nothing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Items in the ordinary lane.
    pub ordinary: usize,
    /// Items in the emergency lane. Keep it small: this is how much may go before all else.
    pub emergency: usize,
}

/// How many items wait in each lane at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Items in the ordinary lane.
    pub ordinary: usize,
    /// Items in the emergency lane.
    pub emergency: usize,
}

/// An item that was not taken in, given back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused<T> {
    /// The lane is full: come again in a moment.
    #[error("the queue is full; try again in a moment")]
    Full(T),
    /// The lanes are closed: nothing more will be taken in.
    #[error("the queue is closed because the store is stopping; try again once it runs")]
    Closed(T),
}

impl<T> Refused<T> {
    /// The item that was given back.
    pub fn into_item(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }
}

/// Says why and never shows the item, which may be about a person.
impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(…)",
            Self::Closed(_) => "Closed(…)",
        })
    }
}

/// An item that was not taken in because the lanes are closed, given back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue is closed because the store is stopping; try again once it runs")]
pub struct Closed<T>(pub T);

/// Never shows the item, which may be about a person.
impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(…)")
    }
}

/// What there was to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popped<T> {
    /// The next item.
    Item(T),
    /// Nothing now.
    Empty,
    /// Nothing now and nothing ever again: closed, and everything has been handed out.
    Closed,
}

/// A handle to both ends; every clone is the same two lanes.
///
/// The lanes stay open when handles are dropped: somebody closes them. An item may itself
/// hold a handle; such items are freed only when they are handed out, so empty the lanes
/// after closing them.
pub struct Lanes<T>(Arc<Shared<T>>);

impl<T> Clone for Lanes<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Lanes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lanes").field(&self.waiting()).finish()
    }
}

struct Shared<T> {
    queues: Mutex<Queues<T>>,
    arrival: Condvar,
    ordinary_room: Condvar,
    emergency_room: Condvar,
}

struct Queues<T> {
    ordinary: Queue<T>,
    emergency: Queue<T>,
    closed: bool,
}

struct Queue<T> {
    items: VecDeque<T>,
    bound: usize,
}

/// Two empty, open lanes.
#[must_use]
pub fn lanes<T>(bounds: Bounds) -> Lanes<T> {
    Lanes(Arc::new(Shared {
        queues: Mutex::new(Queues {
            ordinary: Queue::new(bounds.ordinary),
            emergency: Queue::new(bounds.emergency),
            closed: false,
        }),
        arrival: Condvar::new(),
        ordinary_room: Condvar::new(),
        emergency_room: Condvar::new(),
    }))
}

impl<T> Lanes<T> {
    /// Puts an item at the end of its lane if there is room now. Never waits.
    ///
    /// # Errors
    /// [`Refused::Full`] when that lane is full, [`Refused::Closed`] after
    /// [`close`](Self::close); both give the item back.
    pub fn try_push(&self, lane: Lane, item: T) -> Result<(), Refused<T>> {
        let queues = self.0.queues.lock();
        if queues.closed {
            return Err(Refused::Closed(item));
        }
        if queues.lane(lane).is_full() {
            return Err(Refused::Full(item));
        }
        self.take_in(queues, lane, item);
        Ok(())
    }

    /// Puts an item at the end of its lane and waits for room if there is none. Among those
    /// who wait, and between them and those who do not, no order is promised.
    ///
    /// # Errors
    /// [`Closed`] with the item when the lanes are closed, before or while it waits.
    pub fn push(&self, lane: Lane, item: T) -> Result<(), Closed<T>> {
        let queues = self
            .room(lane)
            .wait_while(self.0.queues.lock(), |queues: &Queues<T>| {
                !queues.closed && queues.lane(lane).is_full()
            });
        if queues.closed {
            return Err(Closed(item));
        }
        self.take_in(queues, lane, item);
        Ok(())
    }

    /// Takes the next item, emergency first, and waits for one if there is none. `None` once
    /// the lanes are closed and everything has been handed out.
    #[must_use]
    pub fn pop(&self) -> Option<T> {
        let queues = self
            .0
            .arrival
            .wait_while(self.0.queues.lock(), Queues::may_get_an_item);
        self.hand_out(queues)
    }

    /// Takes the next item, emergency first, if there is one now. Never waits.
    #[must_use]
    pub fn try_pop(&self) -> Popped<T> {
        self.popped(self.0.queues.lock())
    }

    /// Takes the next item, emergency first, and waits for one at most so long: for a thread
    /// that has something else to do meanwhile.
    #[must_use]
    pub fn pop_for(&self, wait: Duration) -> Popped<T> {
        let queues =
            self.0
                .arrival
                .wait_while_for(self.0.queues.lock(), wait, Queues::may_get_an_item);
        self.popped(queues)
    }

    /// From here on nothing is taken in; what is queued is still handed out. Whoever waits is
    /// woken. Closing twice does nothing more.
    pub fn close(&self) {
        self.0.queues.lock().closed = true;
        self.0.arrival.notify_all();
        self.0.ordinary_room.notify_all();
        self.0.emergency_room.notify_all();
    }

    /// How many items wait at this moment, for metrics.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let queues = self.0.queues.lock();
        Waiting {
            ordinary: queues.ordinary.items.len(),
            emergency: queues.emergency.items.len(),
        }
    }

    fn take_in(&self, mut queues: Guard<'_, Queues<T>>, lane: Lane, item: T) {
        queues.lane_mut(lane).items.push_back(item);
        // Whoever is woken needs the lock: so let go of it first.
        drop(queues);
        self.0.arrival.notify_one();
    }

    fn popped(&self, queues: Guard<'_, Queues<T>>) -> Popped<T> {
        let closed = queues.closed;
        match self.hand_out(queues) {
            Some(item) => Popped::Item(item),
            None if closed => Popped::Closed,
            None => Popped::Empty,
        }
    }

    fn hand_out(&self, mut queues: Guard<'_, Queues<T>>) -> Option<T> {
        for lane in [Lane::Emergency, Lane::Ordinary] {
            if let Some(item) = queues.lane_mut(lane).items.pop_front() {
                drop(queues);
                self.room(lane).notify_one();
                return Some(item);
            }
        }
        None
    }

    fn room(&self, lane: Lane) -> &Condvar {
        match lane {
            Lane::Ordinary => &self.0.ordinary_room,
            Lane::Emergency => &self.0.emergency_room,
        }
    }
}

impl<T> Queues<T> {
    fn lane(&self, lane: Lane) -> &Queue<T> {
        match lane {
            Lane::Ordinary => &self.ordinary,
            Lane::Emergency => &self.emergency,
        }
    }

    fn lane_mut(&mut self, lane: Lane) -> &mut Queue<T> {
        match lane {
            Lane::Ordinary => &mut self.ordinary,
            Lane::Emergency => &mut self.emergency,
        }
    }

    /// There is nothing to take, and there may be later: worth waiting for.
    fn may_get_an_item(&self) -> bool {
        !self.closed && self.ordinary.items.is_empty() && self.emergency.items.is_empty()
    }
}

impl<T> Queue<T> {
    fn new(bound: usize) -> Self {
        Self {
            items: VecDeque::new(),
            bound,
        }
    }

    fn is_full(&self) -> bool {
        self.items.len() >= self.bound
    }
}
