package org.wherefore.testkit.service;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.Event;

/** Counts over the events given. Immutable, thread-safe. */
public final class MemoryPopulation implements Population {
    private final Map<String, Set<String>> usersOf = new HashMap<>();
    private final Set<String> users = new HashSet<>();

    public MemoryPopulation(Collection<Event> events) {
        for (Event e : events) {
            users.add(e.user());
            usersOf.computeIfAbsent(e.item(), i -> new HashSet<>()).add(e.user());
        }
    }

    @Override
    public int users(String item) {
        return usersOf.getOrDefault(item, Set.of()).size();
    }

    @Override
    public int users(String item, String other) {
        Set<String> others = usersOf.getOrDefault(other, Set.of());
        return (int) usersOf.getOrDefault(item, Set.of()).stream().filter(others::contains).count();
    }

    @Override
    public int users() {
        return users.size();
    }

    @Override
    public int popularityRank(String item) {
        int n = users(item);
        return 1 + (int) usersOf.values().stream().filter(u -> u.size() > n).count();
    }
}
