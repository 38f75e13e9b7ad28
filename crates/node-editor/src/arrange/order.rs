//! The order within layers: links cross as little as sorting by neighbours achieves.

use super::link::Link;

const SWEEPS: usize = 10;

/// Sorts the nodes of each layer; links go from one layer to the next.
pub fn untangle(layers: &mut Vec<Vec<usize>>, nodes: usize, links: &[Link]) {
    let mut before: Vec<Vec<(usize, f32)>> = vec![Vec::new(); nodes];
    let mut after = before.clone();
    for link in links {
        before[link.to].push((link.from, link.from_y));
        after[link.from].push((link.to, link.to_y));
    }
    let mut rank = vec![0.0f32; nodes];
    let (mut best, mut fewest) = (layers.clone(), crossings(layers, nodes, links));
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let count = layers.len();
        let to_the_right = sweep % 2 == 0;
        number(layers, &mut rank);
        for at in 0..count {
            let at = if to_the_right { at } else { count - 1 - at };
            let neighbours = if to_the_right { &before } else { &after };
            sort(&mut layers[at], neighbours, &rank);
            layers[at].iter().enumerate().for_each(|(place, node)| rank[*node] = place as f32);
        }
        let now = crossings(layers, nodes, links);
        if now < fewest {
            (best, fewest) = (layers.clone(), now);
        }
    }
    *layers = best;
}

fn number(layers: &[Vec<usize>], rank: &mut [f32]) {
    for layer in layers {
        layer.iter().enumerate().for_each(|(place, node)| rank[*node] = place as f32);
    }
}

/// Sorts by the mean of the neighbours' places; ports of one node count by how far down they are.
fn sort(layer: &mut [usize], neighbours: &[Vec<(usize, f32)>], rank: &[f32]) {
    let wanted = |node: usize| {
        let ends = &neighbours[node];
        let places = ends.iter().map(|(other, y)| rank[*other] + (y / 4_000.0).clamp(0.0, 0.5));
        if ends.is_empty() { rank[node] } else { places.sum::<f32>() / ends.len() as f32 }
    };
    let mut keyed: Vec<(f32, usize)> = layer.iter().map(|node| (wanted(*node), *node)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    layer.iter_mut().zip(keyed).for_each(|(place, (_, node))| *place = node);
}

/// How many links cross between neighbouring layers.
fn crossings(layers: &[Vec<usize>], nodes: usize, links: &[Link]) -> u64 {
    let mut place = vec![(0u32, 0u32); nodes];
    for (layer, members) in layers.iter().enumerate() {
        members.iter().enumerate().for_each(|(at, node)| place[*node] = (layer as u32, at as u32));
    }
    let mut ends: Vec<(u32, u32, i32, u32, i32)> = Vec::with_capacity(links.len());
    for link in links {
        let ((layer, from), (_, to)) = (place[link.from], place[link.to]);
        ends.push((layer, from, link.from_y as i32, to, link.to_y as i32));
    }
    ends.sort_unstable();
    // Inversions among the ends at the right, layer by layer.
    ends.chunk_by(|a, b| a.0 == b.0)
        .map(|of_layer| inversions(of_layer.iter().map(|end| (end.3, end.4)).collect()))
        .sum()
}

fn inversions(mut keys: Vec<(u32, i32)>) -> u64 {
    let mut buffer = keys.clone();
    let (mut width, mut count) = (1, 0);
    while width < keys.len() {
        for start in (0..keys.len()).step_by(2 * width) {
            let middle = (start + width).min(keys.len());
            let end = (start + 2 * width).min(keys.len());
            let (mut left, mut right) = (start, middle);
            for slot in &mut buffer[start..end] {
                let takes_left = left < middle && (right >= end || keys[left] <= keys[right]);
                if takes_left {
                    *slot = keys[left];
                    left += 1;
                } else {
                    *slot = keys[right];
                    right += 1;
                    count += (middle - left) as u64;
                }
            }
        }
        std::mem::swap(&mut keys, &mut buffer);
        width *= 2;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, from_y: 0.0, to_y: 0.0 }
    }

    #[test]
    fn crossings_are_counted_as_every_pair_counts_them() {
        let mut seed = 7u64;
        let mut next = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % n
        };
        for _ in 0..50 {
            let keys: Vec<(u32, i32)> = (0..next(40)).map(|_| (next(9) as u32, 0)).collect();
            let pairs = (0..keys.len()).flat_map(|a| (a + 1..keys.len()).map(move |b| (a, b)));
            let plain = pairs.filter(|(a, b)| keys[*a] > keys[*b]).count() as u64;
            assert_eq!(inversions(keys), plain);
        }
    }

    #[test]
    fn what_is_crossed_is_untangled() {
        let mut layers = vec![vec![0, 1, 2], vec![3, 4, 5]];
        let links = [link(0, 5), link(1, 4), link(2, 3)];
        assert_eq!(crossings(&layers, 6, &links), 3);
        untangle(&mut layers, 6, &links);
        assert_eq!(crossings(&layers, 6, &links), 0);
    }
}
