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

/// The layer of each node: as far left as those that it needs let it stand; what needs nothing stands just before the
/// first that needs it.
pub fn layers(nodes: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let next = adjacent(nodes, links.iter().copied());
    let mut open = vec![0usize; nodes];
    links.iter().for_each(|(_, to)| open[*to] += 1);
    let is_source: Vec<bool> = open.iter().map(|open| *open == 0).collect();
    let mut layer = vec![0; nodes];
    let mut ready: Vec<usize> = (0..nodes).filter(|node| open[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for to in &next[node] {
            layer[*to] = layer[*to].max(layer[node] + 1);
            open[*to] -= 1;
            if open[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    for node in (0..nodes).filter(|node| is_source[*node]) {
        if let Some(first) = next[node].iter().map(|to| layer[*to]).min() {
            layer[node] = first - 1;
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_to_the_right_and_sources_stand_near() {
        let links = [(0, 1), (1, 2), (2, 3), (4, 3), (0, 3)];
        assert_eq!(layers(5, &links), [0, 1, 2, 3, 2]);
    }

    #[test]
    fn loops_are_opened() {
        let links = without_loops(4, &[(0, 1), (1, 2), (2, 0), (3, 3), (2, 3)]);
        assert_eq!(links, [(0, 1), (1, 2), (0, 2), (2, 3)]);
        let layer = layers(4, &links);
        assert!(links.iter().all(|(from, to)| layer[*from] < layer[*to]));
    }
}
