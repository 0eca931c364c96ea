package org.wherefore.core.internal.claim;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.wherefore.api.claim.Population;
import org.wherefore.api.data.Event;

/** Counts over histories held in memory, for evaluation of described data. Immutable. */
public final class CountedPopulation implements Population {
    private final Map<String, Set<String>> usersOf = new HashMap<>();
    private final int users;

    public CountedPopulation(Collection<List<Event>> histories) {
        for (List<Event> h : histories) {
            for (Event e : h) {
                usersOf.computeIfAbsent(e.item(), i -> new HashSet<>()).add(e.user());
            }
        }
        users = (int) histories.stream().filter(h -> !h.isEmpty()).count();
    }

    @Override
    public int users(String item) {
        return usersOf.getOrDefault(item, Set.of()).size();
    }

    @Override
    public int users(String item, String other) {
        Set<String> a = usersOf.getOrDefault(item, Set.of());
        Set<String> b = usersOf.getOrDefault(other, Set.of());
        Set<String> small = a.size() < b.size() ? a : b;
        Set<String> large = small == a ? b : a;
        return (int) small.stream().filter(large::contains).count();
    }

    @Override
    public int users() {
        return users;
    }

    @Override
    public int popularityRank(String item) {
        int n = users(item);
        return 1 + (int) usersOf.values().stream().filter(s -> s.size() > n).count();
    }
}
