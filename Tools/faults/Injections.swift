import Foundation
import Glibc
import Simulation

extension Campaign {
    /// Lets something be wrong for a while.
    ///
    /// - Returns: What exactly it was.
    func inject(_ fault: Fault, for hold: Duration) async throws -> String {
        let machines = consortium.machines
        let everybody = Array(machines.indices)
        let one = generator.pick(everybody)
        let few = generator.sample(everybody, count: draw(1...consortium.tolerated))
        switch fault {
        case .minorityCut:
            cut { few.contains($0) != few.contains($1) }
            try await Task.sleep(for: hold)
            return "validators \(few) hear nobody"
        case .halves:
            let half = generator.sample(everybody, count: machines.count / 2)
            // Clients hear both, as they would.
            cut { max($0, $1) < machines.count && half.contains($0) != half.contains($1) }
            try await Task.sleep(for: hold)
            return "validators \(half) and the others do not hear each other"
        case .deaf:
            cut { $0 < machines.count && $1 == one }
            try await Task.sleep(for: hold)
            return "validator \(one) hears no other"
        case .mute:
            cut { $0 == one && $1 < machines.count }
            try await Task.sleep(for: hold)
            return "no other hears validator \(one)"
        case .leaderCut: return try await cutLeaders(for: hold)
        case .ring:
            let order = everybody.shuffled(using: &generator)
            let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            cut { sender, receiver in
                guard let from = place[sender], let to = place[receiver] else { return false }
                return ![1, machines.count - 1].contains((to - from + machines.count) % machines.count)
            }
            try await Task.sleep(for: hold)
            return "a ring \(order)"
        case .latency:
            let delay = Int64(draw(10_000...200_000))
            let jitter = Double(draw(1_000...60_000))
            consortium.network.change { (link: inout Link) in (link.delay, link.jitter) = (delay, jitter) }
            try await Task.sleep(for: hold)
            return "\(delay / 1000) ms and about \(Int(jitter) / 1000) ms more"
        case .loss:
            let loss = Double(draw(2...25)) / 100
            consortium.network.change { (link: inout Link) in (link.loss, link.duplication) = (loss, 0.02) }
            try await Task.sleep(for: hold)
            return "\(Int(loss * 100)) % of all packets"
        case .thinLine:
            let rate = Double(draw(16_000...64_000))
            consortium.network.change { sender, receiver, link in
                if sender == one || receiver == one { (link.rate, link.delay) = (rate, 50_000) }
            }
            try await Task.sleep(for: hold)
            return "\(Int(rate) / 1000) kB/s to and from validator \(one)"
        case .killStorm: return try await storm(for: hold) { $0.kill() }
        case .killAll:
            for machine in machines { machine.kill() }
            try await Task.sleep(for: .milliseconds(draw(0...1500)))
            return "SIGKILL to all"
        case .pauseStorm: return try await storm(for: hold) { $0.signal(SIGSTOP) }
        case .slowDisk:
            let slow = generator.chance(0.3) ? everybody : few
            let delay = Int64(draw(20_000...400_000))
            for index in slow { machines[index].page.syncDelay = delay }
            try await Task.sleep(for: hold)
            return "\(delay / 1000) ms for every sync of validators \(slow)"
        case .brokenDisk:
            for index in few {
                machines[index].mayFail = true
                machines[index].page.syncFails = true
            }
            try await end(of: few)
            return "no sync of validators \(few) succeeds"
        case .fullDisk:
            machines[0].mayFail = true
            try consortium.fillDisk()
            try await end(of: [0])
            return "no room for validator 0"
        case .clock:
            let errors: [Int64] = [-3_600_000_000, -2_000_000, -400_000, 400_000, 700_000, 2_000_000, 20_000_000]
            for index in few { machines[index].page.clockError = generator.pick(errors) }
            try await Task.sleep(for: hold)
            return "validators \(few) are off by \(few.map { machines[$0].page.clockError / 1000 }) ms"
        case .upgrade:
            for machine in machines {
                guard try await machine.stop() == 0 else {
                    throw SystemFailure(
                        description: "validator-\(machine.index) does not stop cleanly:\n\(machine.lastWords)")
                }
                try machine.start()
                _ = await load.probe(machine.index, within: .seconds(60))
            }
            return "one after the other"
        }
    }

    private func cut(_ isCut: (Int, Int) -> Bool) {
        consortium.network.change { $2.isCut = isCut($0, $1) }
    }

    private func cutLeaders(for hold: Duration) async throws -> String {
        let end = ContinuousClock.now + hold
        var cuts = 0
        while ContinuousClock.now < end {
            let leader = await leader()
            let count = consortium.machines.count
            cut { max($0, $1) < count && ($0 == leader) != ($1 == leader) }
            cuts += 1
            try await Task.sleep(for: .milliseconds(500))
        }
        return "\(cuts) leaders are cut off"
    }

    /// Does something to some validators again and again, and undoes it a moment later.
    private func storm(for hold: Duration, _ strike: (Machine) -> Void) async throws -> String {
        let end = ContinuousClock.now + hold
        var strikes = 0
        while ContinuousClock.now < end {
            let count = draw(1...consortium.machines.count)
            let struck = generator.sample(consortium.machines, count: generator.chance(0.7) ? 1 : count)
            for machine in struck { strike(machine) }
            strikes += struck.count
            try await Task.sleep(for: .milliseconds(50 + draw(0...1500)))
            for machine in struck {
                machine.signal(SIGCONT)
                if !machine.isRunning { try machine.start() }
            }
            try await Task.sleep(for: .milliseconds(draw(0...1500)))
        }
        return "\(strikes) strikes"
    }

    /// Waits until validators whose disks fail have noticed: one that goes on believes a disk that lied.
    private func end(of few: [Int]) async throws {
        for index in few {
            let deadline = ContinuousClock.now + .seconds(120)
            while consortium.machines[index].isRunning {
                guard ContinuousClock.now < deadline else {
                    throw SystemFailure(description: "validator-\(index) goes on though its disk fails")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}

extension Switch {
    /// Changes all links alike.
    func change(_ change: (inout Link) -> Void) { self.change { change(&$2) } }
}
