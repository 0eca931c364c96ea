package org.wherefore.api.explain;

import java.util.List;
import java.util.Objects;
import org.wherefore.api.model.ModelInfo;

/**
 * What a model looks at overall, measured on held-out cases: people whose last event it has to foresee, of whom it knows at least two
 * events before that. The whole catalogue is ranked, items seen are excluded. Same model, data, people and seed, same figures.
 *
 * @param data digest of the cleaned data that the people are of
 * @param people held-out cases
 * @param repeats how often what is random was drawn
 * @param hr hit rate at ten of the unchanged inputs
 * @param ndcg NDCG at ten of the unchanged inputs
 * @param importances largest fall of NDCG first
 * @param dependences by feature, in the order of its values
 */
public record GlobalExplanation(ModelInfo model, String data, long seed, int people, int repeats, double hr, double ndcg,
        List<Importance> importances, List<Dependence> dependences, Aggregate attributions) {
    /** The order of a person's events. */
    public static final String ORDER = "order";
    /** What kinds of events they are. */
    public static final String KINDS = "kinds";
    /** The newest event. */
    public static final String NEWEST = "events:newest";
    /** The four events before the newest. */
    public static final String RECENT = "events:2-5";
    /** The fifteen before those. */
    public static final String EARLIER = "events:6-20";
    /** All before those. */
    public static final String OLDER = "events:older";
    /** As many of the newest events as the value says are kept. */
    public static final String LENGTH = "length";
    /** The value is the kind of every event. */
    public static final String KIND = "kind";
    /** The value is the kind of the newest event. */
    public static final String NEWEST_KIND = "newest-kind";
    /** Exchanged within each person's own history. */
    public static final String SHUFFLED = "shuffled";
    /** Exchanged among all people: each gets what another one had there. */
    public static final String PERMUTED = "permuted";
    /** As if it had not happened. */
    public static final String REMOVED = "removed";

    public GlobalExplanation {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(data, "data");
        importances = List.copyOf(importances);
        dependences = List.copyOf(dependences);
        Objects.requireNonNull(attributions, "attributions");
    }

    /**
     * By how much a figure falls, as a mean over all people; negative when it rises.
     *
     * @param repeatError standard error over the repeats; 0 for a change that is not random
     * @param peopleError standard error over the people, each one's mean over the repeats
     */
    public record Fall(double mean, double repeatError, double peopleError) {
        /** Whether it is more than two standard errors of either kind away from 0. */
        public boolean significant() {
            return Math.abs(mean) > 2 * Math.max(repeatError, peopleError);
        }
    }

    /**
     * What a part of the input is worth to the model: the fall of its accuracy when that part is made useless (Breiman, Random Forests,
     * 2001; Fisher, Rudin, Dominici, All Models are Wrong, but Many are Useful, 2019). Parts that say the same stand in for each other,
     * so what one of them is worth alone can be less than what they are worth together.
     *
     * @param feature {@link #ORDER}, {@link #KINDS}, or events by their age: {@link #NEWEST}, {@link #RECENT}, {@link #EARLIER},
     *        {@link #OLDER}
     * @param change {@link #SHUFFLED}, {@link #PERMUTED} or {@link #REMOVED}
     * @param changed people whose input it changed, in any repeat; the others count with a fall of 0
     */
    public record Importance(String feature, String change, int changed, Fall ndcg, Fall hr) {}

    /**
     * How the answer fares when a part of everybody's input has a given value (Friedman, Greedy Function Approximation, 2001), with the
     * spread over people (Goldstein et al., Peeking Inside the Black Box, 2015). The answer is the event that did follow.
     *
     * @param feature {@link #LENGTH}, {@link #KIND} or {@link #NEWEST_KIND}
     * @param value a number of events, {@code all}, or an event kind
     * @param changed people whose input is another one with this value
     * @param score mean score of the answer
     * @param low lower quartile over people of the score's difference to that of the unchanged input
     * @param high upper quartile of the same
     * @param rank median rank of the answer
     */
    public record Dependence(String feature, String value, int changed, double score, double low, double high, double rank,
            double ndcg, double hr) {}

    /**
     * The attributions of each person's best output, put together.
     *
     * @param strategy that explained
     * @param explained people with a complete attribution
     * @param reason why the first of the others has none; empty when all have one
     * @param shares by what the events have in common; within each {@link Share#by} in the order of age for positions, otherwise
     *        largest mean first
     * @param items those that contributed most, the most often first
     */
    public record Aggregate(String strategy, String version, int explained, String reason, List<Share> shares, List<Item> items) {
        public Aggregate {
            Objects.requireNonNull(reason, "reason");
            shares = List.copyOf(shares);
            items = List.copyOf(items);
        }
    }

    /**
     * What events of a sort contribute.
     *
     * @param by {@link #POSITION}, {@link #EVENT_KIND}, or the name of an item attribute, such as {@code category}
     * @param value a position counted from the newest (1) or a range of them, a kind, or the attribute's value
     * @param mean contribution of one such event without its sign
     * @param share of the sum of all contributions without their signs; items with several values of an attribute count for each
     * @param events how many there are
     * @param people who have any
     */
    public record Share(String by, String value, double mean, double share, long events, int people) {
        /** By age. */
        public static final String POSITION = "position";
        /** Kinds and values of attributes that fewer people have say more of them than of the model, and are left out. */
        public static final int FEWEST_PEOPLE = 5;
        /** By kind of event. */
        public static final String EVENT_KIND = "kind";
    }

    /**
     * An item of people's histories.
     *
     * @param mean of its contributions, with sign
     * @param first people for whom no other item contributed more
     * @param people who have it in their history
     */
    public record Item(String item, double mean, int first, int people) {}
}
