//! Many futures at once, in order: without a runtime, which belongs to `web`.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

/// A future in a list.
pub type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// Runs all of them at once; their values in order.
pub async fn all<T>(futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut running: Vec<(Boxed<'_, T>, Option<T>)> =
        futures.into_iter().map(|future| (future, None)).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (future, value) in &mut running {
            if value.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(found) => *value = Some(found),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if is_done {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    running.into_iter().filter_map(|(_, value)| value).collect()
}
