package org.wherefore.connector.dicom.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Reads DICOM files, one or a folder of them, as records with a picture and without what identifies a patient. Files are read one by one as
 * records are asked for. Thread-safe; keeps nothing between calls but the home's key.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file or a mapped column that is not there, with {@code INVALID_INPUT} a wrong option. A file that
 * is damaged, or holds no image, is a bad record.
 */
@Component(service = DataConnector.class)
public final class DicomConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("layout", "text", "", "what the folders above a file say, outermost first, joined by '/': label, split, or - for"
                    + " nothing; empty: no folder says anything"),
            new Parameter("frames", "text", "first", "first: one record a file; all: one record a frame"),
            new Parameter("window", "text", "file", "how grey levels become light: file (its first window, or else the range), range (least to"
                    + " greatest), or CENTRE,WIDTH"),
            new Parameter("keep", "text", "none", "none, or characteristics: sex, age, size and weight of a patient may be mapped"),
            new Parameter("names", "text", "", "what labels are called: VALUE=NAME,VALUE=NAME; empty: as they are"),
            new Parameter("split", "text", "", "the split of all records: train, validation or test; empty: what a folder says"));
    private static final List<String> OWN = List.of("id", "file", "frame", "label", "split", "image");
    private static final Map<String, String> SPLITS = Map.of("train", "train", "training", "train", "val", "validation", "valid", "validation",
            "validation", "validation", "dev", "validation", "test", "test", "testing", "test");
    private static final String CONSTANT = "const:";
    private static final int MAX_DEPTH = 16;

    private final Pseudonyms pseudonyms;

    @Activate
    public DicomConnector(BundleContext context) {
        this(DicomDecoder.home(context));
    }

    DicomConnector(Path home) {
        this.pseudonyms = new Pseudonyms(home);
    }

    @Override
    public String name() {
        return "dicom";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        return new Frames(source, schema, Parameters.bind("/options/", PARAMETERS, source.options()), pseudonyms);
    }

    private static WhereforeException badData(Location at, String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, at.toString(), at + ": " + message, cause);
    }

    private static boolean choice(Parameters options, String name, String usual, String other) {
        String value = options.text(name);
        if (!value.equals(usual) && !value.equals(other)) {
            throw WhereforeException.invalid("/options/" + name, "/options/" + name + ": expected " + usual + " or " + other + ", got '" + value + "'");
        }
        return value.equals(other);
    }

    /** The frames of the files, in the order of the files' names. One thread. */
    private static final class Frames implements DataSet {
        private final Schema schema;
        private final Path root;
        private final Pseudonyms pseudonyms;
        private final List<String> layout;
        private final boolean all;
        private final boolean characteristics;
        private final boolean range;
        private final Window window;
        private final Map<String, String> names = new LinkedHashMap<>();
        private final String[] columns;
        private final Iterator<Path> files;
        private Path file;
        private long index;
        private DataElements data;
        private DicomImage image;
        private int frame;
        private boolean used;
        private boolean closed;

        Frames(Source source, Schema schema, Parameters options, Pseudonyms pseudonyms) {
            this.schema = schema;
            this.root = source.path();
            this.pseudonyms = pseudonyms;
            this.all = choice(options, "frames", "first", "all");
            this.characteristics = choice(options, "keep", "none", "characteristics");
            this.range = options.text("window").equals("range");
            this.window = window(options.text("window"));
            this.layout = layout(options.text("layout"));
            names(options.text("names"));
            this.files = list();
            this.columns = columns(source, options);
        }

        private static Window window(String text) {
            if (text.equals("file") || text.equals("range")) {
                return null;
            }
            String[] parts = text.split(",");
            try {
                double width = parts.length == 2 ? Double.parseDouble(parts[1].strip()) : 0;
                double centre = Double.parseDouble(parts[0].strip());
                if (width >= 1 && Double.isFinite(width) && Double.isFinite(centre)) {
                    return new Window(centre, width, "LINEAR");
                }
            } catch (NumberFormatException e) {
                // Refused below.
            }
            throw WhereforeException.invalid("/options/window", "/options/window: expected file, range or CENTRE,WIDTH with a width of at least 1,"
                    + " got '" + text + "'");
        }

        private static List<String> layout(String text) {
            List<String> levels = text.isBlank() ? List.of() : List.of(text.strip().split("/"));
            Set<String> seen = new HashSet<>();
            for (String level : levels) {
                if (!level.equals("-") && (!level.equals("label") && !level.equals("split") || !seen.add(level))) {
                    throw WhereforeException.invalid("/options/layout", "/options/layout: expected label, split and - joined by '/', each of the"
                            + " first two once, got '" + text + "'");
                }
            }
            return levels;
        }

        private void names(String text) {
            for (String pair : text.isBlank() ? new String[0] : text.split(",")) {
                int equals = pair.indexOf('=');
                if (equals < 1 || names.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip()) != null) {
                    throw WhereforeException.invalid("/options/names", "/options/names: expected VALUE=NAME,VALUE=NAME with each value once, got '"
                            + text + "'");
                }
            }
        }

        private Iterator<Path> list() {
            Location at = new Location(root.toString(), 1);
            if (!Files.exists(root)) {
                throw badData(at, "there is no such file or folder", null);
            }
            if (!Files.isDirectory(root)) {
                return List.of(root).iterator();
            }
            // Not by links: they could lead in circles, or out of the folder.
            try (Stream<Path> found = Files.walk(root, MAX_DEPTH, new FileVisitOption[0])) {
                return found.filter(p -> !Files.isDirectory(p)).filter(p -> !("/" + root.relativize(p)).contains("/.")).sorted().toList().iterator();
            } catch (IOException | java.io.UncheckedIOException e) {
                throw badData(at, "it can't be listed: " + e.getClass().getSimpleName(), e);
            }
        }

        private String[] columns(Source source, Parameters options) {
            for (String field : new TreeSet<>(source.columns().keySet())) {
                if (schema.indexOf(field) < 0) {
                    throw WhereforeException.invalid("/columns/" + field, "/columns/" + field + ": role '" + schema.role()
                            + "' has no field '" + field + "'; it has " + schema.fields().stream().map(Field::name).toList());
                }
            }
            String[] all = new String[schema.fields().size()];
            for (int i = 0; i < all.length; i++) {
                Field field = schema.fields().get(i);
                String wanted = source.columns().get(field.name());
                if (wanted == null && field.name().equals("split") && !options.text("split").isEmpty()) {
                    wanted = CONSTANT + options.text("split");
                }
                boolean image = field.type() == FieldType.IMAGE;
                String column = wanted != null ? wanted : image ? "image" : field.name();
                boolean known = column.startsWith(CONSTANT) || OWN.contains(column) || Profile.basic().tag(column).isPresent();
                if (!known && wanted != null) {
                    throw badData(new Location(root.toString(), 1), "expected a column '" + wanted + "' for the field '" + field.name() + "', there are "
                            + OWN + " and the keywords of elements that de-identification leaves, such as Modality or BodyPartExamined", null);
                }
                if (!known && field.required() || image != column.equals("image")) {
                    throw WhereforeException.invalid("/columns/" + field.name(), "the field '" + field.name() + "' of role '" + schema.role()
                            + "': name a column for it, an image for an image");
                }
                all[i] = known ? column : null;
            }
            return all;
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
            if (used) {
                throw new IllegalStateException("the records of a data set are read once; open the source again");
            }
            used = true;
            return new Iterator<>() {
                private DataRecord next;
                private boolean done;

                @Override
                public boolean hasNext() {
                    while (next == null && !done) {
                        if (closed) {
                            throw new IllegalStateException("the data set is closed");
                        }
                        try {
                            done = !advance();
                            next = done ? null : record();
                        } catch (BadValue e) {
                            bad.accept(new BadRecord(new Location(file.toString(), index), e.column, null, e.getMessage()));
                        }
                    }
                    return next != null;
                }

                @Override
                public DataRecord next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    DataRecord record = next;
                    next = null;
                    return record;
                }
            };
        }

        /** Goes to the next frame. @return false at the end */
        private boolean advance() throws BadValue {
            if (image != null && all && frame + 1 < image.frames()) {
                frame++;
                return true;
            }
            image = null;
            data = null;
            if (!files.hasNext()) {
                return false;
            }
            file = files.next();
            index++;
            frame = 0;
            try {
                Path real = file.toRealPath();
                if (!real.startsWith(root.toRealPath()) || Files.size(real) > Parser.MAX_BYTES) {
                    throw new BadValue(null, "a file within the folder, of at most " + Parser.MAX_BYTES + " bytes");
                }
                byte[] bytes;
                try (InputStream in = Files.newInputStream(real)) {
                    bytes = in.readNBytes(Parser.MAX_BYTES);
                }
                data = Parser.parse(bytes);
                image = new DicomImage(data);
                return true;
            } catch (IOException e) {
                throw new BadValue(null, "a file that can be read, got " + e.getClass().getSimpleName());
            } catch (WhereforeException e) {
                throw new BadValue(null, "a DICOM image, got " + e.getMessage());
            }
        }

        private DataRecord record() throws BadValue {
            Object[] values = new Object[columns.length];
            for (int i = 0; i < columns.length; i++) {
                Field field = schema.fields().get(i);
                if (columns[i] == null) {
                    continue;
                }
                try {
                    values[i] = field.type() == FieldType.IMAGE ? image.frame(frame, range ? range() : window) : convert(field, text(columns[i]));
                } catch (WhereforeException e) {
                    throw new BadValue(field.name(), "a DICOM image, got " + e.getMessage());
                }
                if (values[i] == null && field.required()) {
                    throw new BadValue(field.name(), "a value");
                }
            }
            return new DataRecord(schema, new Location(file.toString(), index), values);
        }

        private Window range() {
            return Window.over(image.samples(frame)[0], null, data.decimal(Tags.RESCALE_SLOPE, 1), data.decimal(Tags.RESCALE_INTERCEPT, 0));
        }

        private String text(String column) throws BadValue {
            if (column.startsWith(CONSTANT)) {
                return column.substring(CONSTANT.length());
            }
            return switch (column) {
                case "id" -> id() + (image.frames() > 1 && all ? "#" + (frame + 1) : "");
                case "file" -> root.equals(file) ? file.getFileName().toString() : root.relativize(file).toString().replace('\\', '/');
                case "frame" -> Integer.toString(frame + 1);
                case "label", "split" -> level(column);
                default -> Profile.basic().value(data, Profile.basic().tag(column).getAsInt(), characteristics, pseudonyms);
            };
        }

        private String id() {
            String uid = data.text(Tags.SOP_INSTANCE);
            return uid.isEmpty() ? pseudonyms.content(data.bytes()) : pseudonyms.uid(uid);
        }

        private String level(String what) throws BadValue {
            int level = layout.indexOf(what);
            if (level < 0) {
                return "";
            }
            Path below = root.relativize(file);
            if (below.getNameCount() <= layout.size()) {
                throw new BadValue(what, "a file in folders that say " + String.join("/", layout));
            }
            return below.getName(level).toString();
        }

        private Object convert(Field field, String text) throws BadValue {
            String value = text.strip();
            if (value.isEmpty()) {
                return null;
            }
            if (field.name().equals("split")) {
                String split = SPLITS.get(value.toLowerCase(Locale.ROOT));
                if (split == null) {
                    throw new BadValue("split", "train, validation or test");
                }
                return split;
            }
            if (field.name().equals("label") && !names.isEmpty()) {
                if (!names.containsKey(value)) {
                    throw new BadValue("label", "one of the labels that the option 'names' lists: " + names.keySet());
                }
                return names.get(value);
            }
            return switch (field.type()) {
                case TEXT -> value;
                case LIST -> List.of(value.split("\\\\"));
                case NUMBER -> {
                    try {
                        double v = Double.parseDouble(value);
                        if (Double.isFinite(v)) {
                            yield v;
                        }
                    } catch (NumberFormatException e) {
                        // Reported below.
                    }
                    throw new BadValue(field.name(), "a number");
                }
                default -> throw new BadValue(field.name(), "a field of texts or numbers: dates of a patient do not come out");
            };
        }

        @Override
        public void close() {
            closed = true;
            image = null;
            data = null;
        }
    }

    /** Why a record is bad; never with the value of an element. */
    private static final class BadValue extends Exception {
        private static final long serialVersionUID = 1L;
        private final String column;

        BadValue(String column, String expected) {
            super(expected, null, false, false);
            this.column = column;
        }
    }
}
