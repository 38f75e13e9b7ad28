//! Graphs in layers: links run from left to right, cross little, and are as straight as that leaves them.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::layers::{layers, without_loops};
use super::link::Link;
use super::order::untangle;
use super::shelves::shelves;
use super::spread::nearest;

/// Between layers, and between nodes of one.
const BETWEEN: Vec2 = vec2(84.0, 36.0);
/// Between parts that are not linked.
const APART: f32 = 100.0;
/// The room that a link takes which passes by nodes.
const PASSING: f32 = 14.0;
/// A graph wider than this goes on below its begin: that is how far a canvas reaches.
const WIDEST: f32 = 800_000.0;
/// So many places for passing links there are at most, for each node.
const PASSING_PLACES: usize = 8;
const SWEEPS: usize = 8;

/// Where nodes of these sizes go, by their upper left corners; the first stands at the origin or right of it, and below.
/// The same graph gives the same places.
pub fn tidy(sizes: &[Vec2], links: &[Link]) -> Vec<Pos2> {
    let parts = parts(sizes.len(), links);
    let mut laid: Vec<(Vec<usize>, Vec<Pos2>, Vec2)> = Vec::with_capacity(parts.len());
    let mut place = vec![0; sizes.len()];
    let mut of_part = vec![0; sizes.len()];
    for (number, part) in parts.iter().enumerate() {
        part.iter().enumerate().for_each(|(at, node)| (place[*node], of_part[*node]) = (at, number));
    }
    let mut own: Vec<Vec<Link>> = vec![Vec::new(); parts.len()];
    for link in links {
        own[of_part[link.from]].push(Link { from: place[link.from], to: place[link.to], ..*link });
    }
    for (part, links) in parts.into_iter().zip(own) {
        let sizes: Vec<Vec2> = part.iter().map(|node| sizes[*node]).collect();
        let corners = one(&sizes, &links);
        let rects = corners.iter().zip(&sizes).map(|(corner, size)| Rect::from_min_size(*corner, *size));
        let all = rects.reduce(Rect::union).unwrap_or(Rect::ZERO);
        let corners = corners.into_iter().map(|corner| corner - all.min.to_vec2()).collect();
        laid.push((part, corners, all.size()));
    }
    let boxes: Vec<Vec2> = laid.iter().map(|(.., size)| *size).collect();
    let mut corners = vec![Pos2::ZERO; sizes.len()];
    for ((part, own, _), at) in laid.into_iter().zip(shelves(&boxes, APART)) {
        part.into_iter().zip(own).for_each(|(node, corner)| corners[node] = (corner + at.to_vec2()).round());
    }
    corners
}

/// The nodes that are linked with one another, the largest parts first.
fn parts(nodes: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..nodes).collect();
    fn find(leader: &mut [usize], mut node: usize) -> usize {
        while leader[node] != node {
            leader[node] = leader[leader[node]];
            node = leader[node];
        }
        node
    }
    for link in links {
        let (a, b) = (find(&mut leader, link.from), find(&mut leader, link.to));
        leader[a.max(b)] = a.min(b);
    }
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    (0..nodes).for_each(|node| members.entry(find(&mut leader, node)).or_default().push(node));
    let mut parts: Vec<Vec<usize>> = members.into_values().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts
}

/// One part.
fn one(sizes: &[Vec2], links: &[Link]) -> Vec<Pos2> {
    let pairs: Vec<(usize, usize)> = links.iter().map(|link| (link.from, link.to)).collect();
    let forward = without_loops(sizes.len(), &pairs);
    let layer = layers(sizes.len(), &forward);
    let mut graph = Layered::new(sizes, &layer);
    for link in links.iter().filter(|link| link.from != link.to) {
        graph.link(*link);
    }
    untangle(&mut graph.layers, graph.sizes.len(), &graph.links);
    let down = graph.spread();
    let mut right = vec![0.0; graph.layers.len()];
    let mut x = 0.0;
    for (at, members) in graph.layers.iter().enumerate() {
        right[at] = x;
        x += members.iter().map(|node| graph.sizes[*node].x).fold(0.0, f32::max) + BETWEEN.x;
    }
    let top = (0..sizes.len()).map(|n| down[n]).fold(f32::INFINITY, f32::min);
    let bottom = (0..sizes.len()).map(|n| down[n] + sizes[n].y).fold(f32::NEG_INFINITY, f32::max);
    let height = bottom - top + APART;
    let band = |x: f32| ((x / WIDEST).floor() * height, x % WIDEST);
    let corner = |node: usize| {
        let (below, x) = band(right[layer[node]]);
        pos2(x, down[node] + below)
    };
    (0..sizes.len()).map(corner).collect()
}

/// A graph whose links go from one layer to the next: longer ones pass through places of their own.
struct Layered {
    nodes: usize,
    layers: Vec<Vec<usize>>,
    layer: Vec<usize>,
    sizes: Vec<Vec2>,
    links: Vec<Link>,
}

impl Layered {
    fn new(sizes: &[Vec2], layer: &[usize]) -> Layered {
        let mut layers = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
        layer.iter().enumerate().for_each(|(node, layer)| layers[*layer].push(node));
        let (sizes, layer) = (sizes.to_vec(), layer.to_vec());
        Layered { nodes: sizes.len(), layers, layer, sizes, links: Vec::new() }
    }

    fn link(&mut self, link: Link) {
        let (mut from, mut to) = ((link.from, link.from_y), (link.to, link.to_y));
        if self.layer[from.0] > self.layer[to.0] {
            std::mem::swap(&mut from, &mut to);
        }
        let (first, last) = (self.layer[from.0], self.layer[to.0]);
        let is_crowded = self.sizes.len() + last - first > (1 + PASSING_PLACES) * self.nodes;
        if last - first > 1 && is_crowded {
            return;
        }
        for between in first + 1..last {
            let place = self.sizes.len();
            self.sizes.push(vec2(0.0, PASSING));
            self.layer.push(between);
            self.layers[between].push(place);
            self.links.push(Link { from: from.0, to: place, from_y: from.1, to_y: PASSING / 2.0 });
            from = (place, PASSING / 2.0);
        }
        self.links.push(Link { from: from.0, to: to.0, from_y: from.1, to_y: to.1 });
    }

    /// How far down each node stands.
    fn spread(&self) -> Vec<f32> {
        // For each node its neighbours, and how far below them it would stand for a level link.
        let mut before: Vec<Vec<(usize, f32)>> = vec![Vec::new(); self.sizes.len()];
        let mut after = before.clone();
        for link in &self.links {
            before[link.to].push((link.from, link.from_y - link.to_y));
            after[link.from].push((link.to, link.to_y - link.from_y));
        }
        let mut down = vec![0.0f32; self.sizes.len()];
        let gap = |node: usize| if node < self.nodes { BETWEEN.y } else { PASSING };
        for members in &self.layers {
            let mut y = 0.0;
            for node in members {
                down[*node] = y;
                y += self.sizes[*node].y + gap(*node);
            }
        }
        for sweep in 0..SWEEPS {
            let count = self.layers.len();
            let last = sweep + 2 >= SWEEPS;
            for at in 0..count {
                let at = if sweep % 2 == 0 { at } else { count - 1 - at };
                let neighbours = |node: usize| {
                    let (one, other) = if sweep % 2 == 0 { (&before, &after) } else { (&after, &before) };
                    let others = if last { other[node].as_slice() } else { &[] };
                    one[node].iter().chain(others)
                };
                let wanted = |node: usize| {
                    let (count, sum) = neighbours(node).fold((0, 0.0), |(n, s), (o, by)| (n + 1, s + down[*o] + by));
                    if count == 0 { down[node] } else { sum / count as f32 }
                };
                let members = &self.layers[at];
                let places: Vec<f32> = members.iter().map(|node| wanted(*node)).collect();
                let weights: Vec<f32> = members.iter().map(|n| 1.0 + neighbours(*n).count() as f32).collect();
                let room: Vec<f32> = members.iter().map(|node| self.sizes[*node].y + gap(*node)).collect();
                let found = nearest(&places, &weights, &room);
                members.iter().zip(found).for_each(|(node, y)| down[*node] = y);
            }
        }
        down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, from_y: 30.0, to_y: 50.0 }
    }

    /// Graphs of all kinds: chains, fans, loops, parts, links to itself.
    fn graphs() -> Vec<(Vec<Vec2>, Vec<Link>)> {
        let mut seed = 1u64;
        let mut next = move |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        let mut graphs = vec![(vec![], vec![]), (vec![vec2(200.0, 90.0)], vec![link(0, 0)])];
        for _ in 0..60 {
            let nodes = 1 + next(60);
            let sizes = (0..nodes).map(|_| vec2(200.0 + next(100) as f32, 60.0 + next(200) as f32)).collect();
            let links = (0..next(2 * nodes)).map(|_| link(next(nodes), next(nodes))).collect();
            graphs.push((sizes, links));
        }
        graphs
    }

    #[test]
    fn nothing_covers_another_and_the_same_gives_the_same() {
        for (sizes, links) in graphs() {
            let corners = tidy(&sizes, &links);
            let rects: Vec<Rect> =
                corners.iter().zip(&sizes).map(|(at, size)| Rect::from_min_size(*at, *size)).collect();
            for a in 0..rects.len() {
                for b in a + 1..rects.len() {
                    assert!(!rects[a].expand(4.0).intersects(rects[b]), "{a} {b} {:?} {:?}", rects[a], rects[b]);
                }
            }
            assert!(corners.iter().all(|at| at.x >= 0.0 && at.y >= 0.0));
            assert_eq!(corners, tidy(&sizes, &links));
        }
    }

    #[test]
    fn links_run_from_left_to_right() {
        for (sizes, links) in graphs() {
            let links: Vec<Link> = links.into_iter().filter(|link| link.from < link.to).collect();
            let corners = tidy(&sizes, &links);
            for link in &links {
                assert!(corners[link.from].x + sizes[link.from].x < corners[link.to].x, "{link:?}");
            }
        }
    }

    #[test]
    fn a_chain_is_straight() {
        let sizes = vec![vec2(200.0, 100.0), vec2(200.0, 300.0), vec2(200.0, 80.0), vec2(200.0, 100.0)];
        let corners = tidy(&sizes, &[link(0, 1), link(1, 2), link(2, 3)]);
        for (at, pair) in corners.windows(2).enumerate() {
            assert!((pair[0].y + 30.0 - pair[1].y - 50.0).abs() <= 1.0, "{at}: {corners:?}");
        }
    }

    #[test]
    fn what_goes_on_below_covers_nothing() {
        // A source that feeds three chains, each longer than a canvas is wide.
        const LONG: usize = 2_700;
        let sizes = vec![vec2(218.0, 100.0); 1 + 3 * LONG];
        let chain = |c: usize| (0..LONG).map(move |n| link(if n == 0 { 0 } else { c * LONG + n }, c * LONG + n + 1));
        let links: Vec<Link> = (0..3).flat_map(chain).collect();
        let corners = tidy(&sizes, &links);
        let mut rects: Vec<Rect> = corners.iter().map(|at| Rect::from_min_size(*at, vec2(218.0, 100.0))).collect();
        rects.sort_by(|a, b| a.left().total_cmp(&b.left()));
        for (nth, rect) in rects.iter().enumerate() {
            let near = rects[nth + 1..].iter().take_while(|other| other.left() < rect.right());
            near.for_each(|other| assert!(!rect.intersects(*other), "{rect} {other}"));
        }
    }

    #[test]
    fn a_chain_of_ten_thousand_stays_on_the_canvas() {
        let sizes = vec![vec2(218.0, 100.0); 10_000];
        let links: Vec<Link> = (1..10_000).map(|n| link(n - 1, n)).collect();
        let corners = tidy(&sizes, &links);
        assert!(corners.iter().all(|at| at.x < WIDEST && at.y < WIDEST));
    }
}
