package org.wherefore.extractor.image.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;

/**
 * Turns pictures into small squares of mean 0 and deviation 1 over the training data, and remembers what training pictures look like.
 * Thread-safe, and the same for the same records in whatever order. Records whose field {@code split} says validation or test teach it
 * nothing.
 *
 * <p>Parameters: {@code image.size} (pixels, 28 to 64, default 28), {@code image.fit} ({@code crop} to the middle square, the default, or
 * {@code pad} with black), {@code image.colour} ({@code grey}, the default, or {@code colour}), {@code image.field} (default: the only field
 * of type IMAGE), {@code label} (the field with the truth, default {@code label}), {@code targets} (what a model answers with, joined by
 * commas; default: the labels of the training data, by name).
 */
@Component(service = FeatureExtractor.class)
public final class ImageExtractor implements FeatureExtractor {
    private static final double MIN_DEVIATION = 1e-4;

    @Activate
    public ImageExtractor() {
        // Stateless.
    }

    @Override
    public String name() {
        return "image";
    }

    /**
     * @throws WhereforeException {@code INVALID_INPUT} for a parameter out of range, {@code BAD_DATA} when no record has an image, or none a
     *         label and no targets are named
     */
    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        Shape shape = shape(parameters);
        List<DataRecord> training = data.records().stream().filter(ImageExtractor::teaches).sorted(Comparator.comparing(ImageExtractor::key)).toList();
        if (training.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no record to learn from");
        }
        Schema schema = training.get(0).schema();
        String field = field(schema, parameters);
        List<String> targets = targets(data, training, schema, parameters);
        Shape grey = new Shape(shape.size(), shape.pad(), 1);
        int plane = shape.size() * shape.size();
        double[] sum = new double[shape.channels()];
        double[] squares = new double[shape.channels()];
        Looks.Fit looks = new Looks.Fit();
        long pictures = 0;
        for (DataRecord record : training) {
            Picture picture = record.image(field).orElse(null);
            if (picture == null) {
                continue;
            }
            pictures++;
            float[] values = shape.apply(picture);
            for (int i = 0; i < values.length; i++) {
                sum[i / plane] += values[i];
                squares[i / plane] += (double) values[i] * values[i];
            }
            looks.add(picture, shape.channels() == 1 ? values : grey.apply(picture), shape.size());
        }
        if (pictures == 0) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no image in field '" + field + "' to learn from");
        }
        float[] mean = new float[sum.length];
        float[] deviation = new float[sum.length];
        for (int c = 0; c < sum.length; c++) {
            double m = sum[c] / (pictures * plane);
            mean[c] = (float) m;
            deviation[c] = (float) Math.max(MIN_DEVIATION, Math.sqrt(Math.max(0, squares[c] / (pictures * plane) - m * m)));
        }
        return new FittedImage(shape, field, mean, deviation, targets, looks.done());
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        return FittedImage.load(artifact);
    }

    private static boolean teaches(DataRecord record) {
        int i = record.schema().indexOf("split");
        return i < 0 || record.schema().fields().get(i).type() != FieldType.TEXT
                || record.text("split").map(s -> s.equals("train")).orElse(true);
    }

    /** Sums depend on the order in their last bits; this gives records one of their own. */
    private static String key(DataRecord record) {
        int i = record.schema().indexOf("id");
        return (i < 0 ? "" : record.value("id")) + "\n" + record.location();
    }

    private static Shape shape(Map<String, String> parameters) {
        String size = parameters.getOrDefault("image.size", Integer.toString(Shape.MIN_SIZE)).strip();
        if (!size.matches("\\d{1,4}") || Integer.parseInt(size) < Shape.MIN_SIZE || Integer.parseInt(size) > Shape.MAX_SIZE) {
            throw WhereforeException.invalid("/parameters/image.size", "image.size is a whole number of pixels from " + Shape.MIN_SIZE + " to "
                    + Shape.MAX_SIZE + ", got '" + size + "'");
        }
        return new Shape(Integer.parseInt(size), choice(parameters, "image.fit", "crop", "pad"),
                choice(parameters, "image.colour", "grey", "colour") ? 3 : 1);
    }

    /** Whether the second of two words was chosen; the first is the default. */
    private static boolean choice(Map<String, String> parameters, String name, String usual, String other) {
        String value = parameters.getOrDefault(name, usual).strip();
        if (!value.equals(usual) && !value.equals(other)) {
            throw WhereforeException.invalid("/parameters/" + name, name + " is " + usual + " or " + other + ", got '" + value + "'");
        }
        return value.equals(other);
    }

    private static String field(Schema schema, Map<String, String> parameters) {
        List<String> images = schema.fields().stream().filter(f -> f.type() == FieldType.IMAGE).map(Field::name).toList();
        String wanted = parameters.getOrDefault("image.field", images.size() == 1 ? images.get(0) : "").strip();
        if (!images.contains(wanted)) {
            throw WhereforeException.invalid("/parameters/image.field", "image.field names an image of role '" + schema.role() + "', one of "
                    + images + ", got '" + wanted + "'");
        }
        return wanted;
    }

    private static List<String> targets(CleanData data, List<DataRecord> training, Schema schema, Map<String, String> parameters) {
        List<String> named = new ArrayList<>();
        for (String target : parameters.getOrDefault("targets", "").split(",")) {
            if (!target.isBlank() && !named.contains(target.strip())) {
                named.add(target.strip());
            }
        }
        if (!named.isEmpty()) {
            return named;
        }
        String label = parameters.getOrDefault("label", "label").strip();
        int i = schema.indexOf(label);
        TreeSet<String> labels = new TreeSet<>();
        if (i >= 0 && schema.fields().get(i).type() == FieldType.TEXT) {
            training.forEach(r -> r.text(label).ifPresent(labels::add));
        }
        if (labels.isEmpty() || labels.size() > 1000) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' has " + labels.size() + " different labels in field '"
                    + label + "': 1 to 1,000 are expected, or name the parameter 'targets'");
        }
        return List.copyOf(labels);
    }
}
