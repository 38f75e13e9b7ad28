//! How far down nodes stand: near their neighbours, none upon another.

/// The places nearest to `wanted`, by least squares with `weights`, that keep the order and leave `room` below each. By
/// pooling neighbours that would stand upon one another.
pub fn nearest(wanted: &[f32], weights: &[f32], room: &[f32]) -> Vec<f32> {
    /// Nodes that stand as close as they can.
    struct Pool {
        first: usize,
        weight: f64,
        sum: f64,
    }
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut offset = 0.0f64;
    let mut pools: Vec<Pool> = Vec::new();
    for (node, wanted) in wanted.iter().enumerate() {
        offsets.push(offset);
        let weight = f64::from(weights[node]);
        let mut pool = Pool { first: node, weight, sum: weight * (f64::from(*wanted) - offset) };
        while let Some(above) = pools.pop_if(|above| above.sum / above.weight > pool.sum / pool.weight) {
            pool = Pool { first: above.first, weight: above.weight + pool.weight, sum: above.sum + pool.sum };
        }
        pools.push(pool);
        offset += f64::from(room[node]);
    }
    let mut places = vec![0.0; wanted.len()];
    let mut end = wanted.len();
    for pool in pools.iter().rev() {
        for node in pool.first..end {
            places[node] = (pool.sum / pool.weight + offsets[node]) as f32;
        }
        end = pool.first;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_stands_upon_another_and_who_has_room_stands_where_it_wants() {
        assert_eq!(nearest(&[0.0, 100.0], &[1.0, 1.0], &[20.0, 20.0]), [0.0, 100.0]);
        assert_eq!(nearest(&[50.0, 50.0], &[1.0, 1.0], &[20.0, 20.0]), [40.0, 60.0]);
        assert_eq!(nearest(&[50.0, 50.0], &[3.0, 1.0], &[20.0, 20.0]), [45.0, 65.0]);
        let places = nearest(&[9.0, -3.0, 70.0, 4.0, 4.0], &[1.0; 5], &[10.0, 30.0, 10.0, 10.0, 10.0]);
        for (pair, room) in places.windows(2).zip([10.0, 30.0, 10.0, 10.0]) {
            assert!(pair[1] - pair[0] > room - 1e-3, "{places:?}");
        }
        assert!(nearest(&[], &[], &[]).is_empty());
    }
}
