package org.wherefore.connector.dicom.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The basic application level confidentiality profile (PS3.15 table E.1-1), as {@code basic-profile.txt} has it, and what may come out
 * besides: nothing that is not listed there. Immutable.
 */
final class Profile {
    /** What the standard's option to retain patient characteristics would keep, as far as models want it. */
    private static final java.util.Set<Integer> CHARACTERISTICS = java.util.Set.of(Tags.PATIENT_SEX, Tags.PATIENT_AGE, 0x00101020, 0x00101030);
    private static final Profile BASIC = read();

    /** What is done with an element. */
    enum Action { REMOVE, EMPTY, DUMMY, HASH, KEEP }

    private final Map<Integer, Action> actions = new HashMap<>();
    private final Map<String, Integer> keywords = new HashMap<>();

    private Profile() {}

    static Profile basic() {
        return BASIC;
    }

    private static Profile read() {
        Profile profile = new Profile();
        try (InputStream in = Profile.class.getResourceAsStream("basic-profile.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line; (line = lines.readLine()) != null;) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" ");
                    int tag = Integer.parseUnsignedInt(parts[0], 16);
                    profile.actions.put(tag, switch (parts[1]) {
                        case "Z" -> Action.EMPTY;
                        case "D" -> Action.DUMMY;
                        case "U" -> Action.HASH;
                        case "K" -> Action.KEEP;
                        default -> Action.REMOVE;
                    });
                    profile.keywords.put(parts[2], tag);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("basic-profile.txt can't be read", e);
        }
        return profile;
    }

    /** What is done with an element; what the table does not name, private elements, curves and overlays are removed. */
    Action action(int tag) {
        int group = tag >>> 16;
        if ((group & 1) == 1 || group >>> 8 == 0x50 || group >>> 8 == 0x60) {
            return Action.REMOVE;
        }
        return actions.getOrDefault(tag, Action.REMOVE);
    }

    OptionalInt tag(String keyword) {
        Integer tag = keywords.get(keyword);
        return tag == null ? OptionalInt.empty() : OptionalInt.of(tag);
    }

    /**
     * What comes out of an element as text; empty when nothing does.
     *
     * @param characteristics whether sex, age, size and weight of a patient are kept; ages above 89 come out as 90
     */
    String value(DataElements data, int tag, boolean characteristics, Pseudonyms pseudonyms) {
        Action action = characteristics && CHARACTERISTICS.contains(tag) ? Action.KEEP : action(tag);
        return switch (action) {
            case HASH -> data.has(tag) ? pseudonyms.uid(data.text(tag)) : "";
            case KEEP -> kept(data, tag);
            default -> "";
        };
    }

    private static String kept(DataElements data, int tag) {
        if (tag == Tags.ROWS || tag == Tags.COLUMNS || tag == Tags.SAMPLES_PER_PIXEL || tag == Tags.BITS_ALLOCATED || tag == Tags.BITS_STORED) {
            OptionalInt word = data.word(tag);
            return word.isPresent() ? Integer.toString(word.getAsInt()) : "";
        }
        String text = data.text(tag);
        if (tag == Tags.PATIENT_AGE) {
            return text.matches("\\d{3}[DWMY]") ? years(text) : "";
        }
        // Codes and numbers have no more characters than this; what has is free text that got here by mistake.
        return text.matches("[A-Z0-9 _./\\\\+-]{0,64}") ? text : "";
    }

    private static String years(String text) {
        int n = Integer.parseInt(text.substring(0, 3));
        double years = switch (text.charAt(3)) {
            case 'D' -> n / 365.25;
            case 'W' -> n / 52.18;
            case 'M' -> n / 12.0;
            default -> n;
        };
        return Long.toString((long) Math.min(90, years));
    }
}
