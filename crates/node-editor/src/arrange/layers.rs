//! Layers: every node right of those that it needs.

/// A graph's links, by number of their nodes.
pub type Pairs = Vec<(usize, usize)>;

/// Turns round the links that close loops; the rest has none.
pub fn without_loops(nodes: usize, links: &[(usize, usize)]) -> Pairs {
    let next = adjacent(nodes, links.iter().copied());
    // 0 not seen, 1 on the way, 2 done.
    let mut state = vec![0u8; nodes];
    let mut closing = std::collections::HashSet::new();
    for start in 0..nodes {
        if state[start] != 0 {
            continue;
        }
        let mut way = vec![(start, 0)];
        state[start] = 1;
        while let Some((node, at)) = way.pop() {
            match next[node].get(at) {
                Some(to) => {
                    way.push((node, at + 1));
                    match state[*to] {
                        0 => {
                            state[*to] = 1;
                            way.push((*to, 0));
                        }
                        1 => drop(closing.insert((node, *to))),
                        _ => {}
                    }
                }
                None => state[node] = 2,
            }
        }
    }
    let turned = |link: &(usize, usize)| if closing.contains(link) { (link.1, link.0) } else { *link };
    links.iter().filter(|(from, to)| from != to).map(turned).collect()
}

/// The nodes at the other ends of links.
pub fn adjacent(nodes: usize, links: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut next = vec![Vec::new(); nodes];
    links.for_each(|(from, to)| next[from].push(to));
    next
}

/// The layer of each node: as far left as those that it needs let it stand. What comes of nothing that a longest way goes
/// through stands just before the first that needs it: such are constants, and what is made of them.
pub fn layers(nodes: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let next = adjacent(nodes, links.iter().copied());
    let order = in_order(&next);
    let mut layer = vec![0; nodes];
    for node in &order {
        next[*node].iter().for_each(|to| layer[*to] = layer[*to].max(layer[*node] + 1));
    }
    let mut behind = vec![0; nodes];
    for node in order.iter().rev() {
        behind[*node] = next[*node].iter().map(|to| behind[*to] + 1).max().unwrap_or(0);
    }
    let longest = behind.iter().copied().max().unwrap_or(0);
    let mut is_loose: Vec<bool> = (0..nodes).map(|node| layer[node] + behind[node] < longest).collect();
    for node in order.iter().filter(|node| !next[**node].is_empty()) {
        next[*node].iter().for_each(|to| is_loose[*to] &= is_loose[*node]);
    }
    for node in order.into_iter().rev().filter(|node| is_loose[*node]) {
        if let Some(first) = next[node].iter().map(|to| layer[*to]).min() {
            layer[node] = first - 1;
        }
    }
    layer
}

/// The nodes, each after those that lead to it.
fn in_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut open = vec![0usize; next.len()];
    next.iter().flatten().for_each(|to| open[*to] += 1);
    let mut ready: Vec<usize> = (0..next.len()).filter(|node| open[*node] == 0).collect();
    let mut order = Vec::with_capacity(next.len());
    while let Some(node) = ready.pop() {
        order.push(node);
        for to in &next[node] {
            open[*to] -= 1;
            if open[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_to_the_right_and_sources_stand_near() {
        let links = [(0, 1), (1, 2), (2, 3), (4, 3), (0, 3)];
        assert_eq!(layers(5, &links), [0, 1, 2, 3, 2]);
        // What is made of 4 and 6 stands where it is needed, and they before it.
        let links = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 3), (6, 5), (6, 3)];
        assert_eq!(layers(7, &links), [0, 1, 2, 3, 1, 2, 1]);
        // What a longest way goes through stays, and what comes of it.
        let links = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3)];
        assert_eq!(layers(5, &links), [0, 1, 2, 3, 1]);
    }

    #[test]
    fn loops_are_opened() {
        let links = without_loops(4, &[(0, 1), (1, 2), (2, 0), (3, 3), (2, 3)]);
        assert_eq!(links, [(0, 1), (1, 2), (0, 2), (2, 3)]);
        let layer = layers(4, &links);
        assert!(links.iter().all(|(from, to)| layer[*from] < layer[*to]));
    }
}
