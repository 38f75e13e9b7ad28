//! What is known of clusters: their devices, once somebody has asked.

use std::sync::mpsc::Receiver;

/// A cluster's devices, or why they could not be listed.
pub type Devices = Result<Vec<String>, String>;

/// The cluster that was asked last.
#[derive(Default)]
pub struct Clusters {
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

    /// Whether this cluster is being asked.
    pub fn is_asking(&self, target: &str) -> bool {
        self.asking.as_ref().is_some_and(|(asked, _)| asked == target)
    }

    /// The devices of this cluster, if it was the last that was asked.
    pub fn of(&self, target: &str) -> Option<&Devices> {
        self.listed.as_ref().filter(|(listed, _)| listed == target).map(|(_, devices)| devices)
    }
}
