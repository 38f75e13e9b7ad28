//! What is known of clusters: their devices, once somebody has asked.

use std::sync::mpsc::Receiver;

use node_engine::analysis::Stop;

/// A cluster's devices, or why they could not be listed.
pub type Devices = Result<Vec<String>, String>;

/// What a comparison has found, line by line, or why it could not be made.
pub type Told = Result<Vec<String>, String>;

/// A comparison that is being made.
struct Comparing {
    title: String,
    told: Receiver<Told>,
    stop: Stop,
}

/// The cluster that was asked last, and the comparison that is being made.
#[derive(Default)]
pub struct Clusters {
    comparing: Option<Comparing>,
    asking: Option<(String, Receiver<Devices>)>,
    listed: Option<(String, Devices)>,
}

impl Clusters {
    /// A cluster is asked; its devices come from `devices`.
    pub(crate) fn ask(&mut self, target: String, devices: Receiver<Devices>) {
        (self.asking, self.listed) = (Some((target, devices)), None);
    }

    /// Why a cluster cannot even be asked.
    pub(crate) fn refuse(&mut self, target: String, why: String) {
        (self.asking, self.listed) = (None, Some((target, Err(why))));
    }

    /// Takes in an answer that has come.
    pub(crate) fn listen(&mut self) {
        if let Some((target, devices)) = self.asking.take() {
            match devices.try_recv() {
                Ok(devices) => self.listed = Some((target, devices)),
                Err(std::sync::mpsc::TryRecvError::Empty) => self.asking = Some((target, devices)),
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.listed = Some((target, Err("what asks the cluster has ended".to_owned())));
                }
            }
        }
    }

    /// A page is compared; what is found comes from `told`, under this title.
    pub(crate) fn compare(&mut self, title: String, told: Receiver<Told>, stop: Stop) {
        self.stop_comparing();
        self.comparing = Some(Comparing { title, told, stop });
    }

    /// The comparison that is being made, by its title.
    pub fn comparing(&self) -> Option<&str> {
        self.comparing.as_ref().map(|comparing| comparing.title.as_str())
    }

    /// Nobody wants to know any more.
    pub(crate) fn stop_comparing(&mut self) {
        self.comparing.take().into_iter().for_each(|comparing| comparing.stop.set());
    }

    /// What a comparison has found, with its title, once it is there.
    pub(crate) fn compared(&mut self) -> Option<(String, Told)> {
        let told = match self.comparing.as_ref()?.told.try_recv() {
            Ok(told) => told,
            Err(std::sync::mpsc::TryRecvError::Empty) => return None,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Err("what compares them has ended".to_owned()),
        };
        self.comparing.take().map(|comparing| (comparing.title, told))
    }

    /// Whether this cluster is being asked.
    pub fn is_asking(&self, target: &str) -> bool {
        self.asking.as_ref().is_some_and(|(asked, _)| asked == target)
    }

    /// The devices of this cluster, if it was the last that was asked.
    pub fn of(&self, target: &str) -> Option<&Devices> {
        self.listed.as_ref().filter(|(listed, _)| listed == target).map(|(_, devices)| devices)
    }
}
