package org.wherefore.engine.dl4j.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.transformer.ClassOptions;
import org.wherefore.engine.dl4j.internal.transformer.ClassTrainer;
import org.wherefore.engine.dl4j.internal.transformer.ImageShape;
import org.wherefore.engine.dl4j.internal.transformer.ImageTransformer;

/**
 * A Vision Transformer for small images (Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021): a token for every
 * square of a grid, and the log odds of every target by itself. It learns size, mean and contrast from the training
 * examples. Stateless.
 */
@Component(service = Engine.class)
public class ImageTransformerEngine implements Engine {
    static final String NAME = "dl4j-vit";
    static final String ENTRY = "vit.bin";

    @Activate
    public ImageTransformerEngine() {
        // stateless
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(new Parameter("dim", "integer", "64", "width of the tokens, a multiple of heads"),
                new Parameter("blocks", "integer", "3", "self-attention blocks, 1 to 12"),
                new Parameter("heads", "integer", "2", "attention heads"),
                new Parameter("hidden", "integer", "0", "width of the gated feed-forward layer; 0 means four thirds of dim"),
                new Parameter("window", "integer", "8", "side of the squares that become tokens, stride to 64 pixels"),
                new Parameter("stride", "integer", "4", "pixels from one square to the next, 1 to 64"),
                new Parameter("shift", "integer", "2", "most pixels by which an image is moved in training, 0 to 64"),
                new Parameter("dropout", "number", "0.1", "0 to 0.9, in training only")));
        all.addAll(ClassTraining.parameters("0", "0.05", "0.99", "64", "30", "8"));
        return List.copyOf(all);
    }

    @Override
    public Support supports(FeatureSchema schema) {
        if (schema.targets().isEmpty()) {
            return Support.no("it needs a target, the data have none");
        }
        return schema.features().stream().anyMatch(f -> f.modality().equals("image")) ? Support.yes()
                : Support.no("it reads images, and the data have no feature of modality 'image'");
    }

    @Override
    public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        Parameters v = Parameters.bind("", parameters(), request.parameters());
        FeatureSchema schema = request.schema();
        Support support = supports(schema);
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        int dim = v.integer("dim", 1, 4096);
        int heads = v.integer("heads", 1, 64);
        if (dim % heads != 0) {
            throw WhereforeException.invalid("dim", "dim " + dim + " is not a multiple of heads " + heads);
        }
        int hidden = v.integer("hidden", 0, 16384);
        int stride = v.integer("stride", 1, 64);
        ImageShape shape = new ImageShape(dim, v.integer("blocks", 1, 12), heads, hidden == 0 ? (4 * dim + 2) / 3 : hidden,
                (float) v.number("dropout", 0, 0.9), v.integer("window", stride, 64), stride, v.integer("shift", 0, 64));
        ClassOptions o = ClassTraining.options(v, request);
        int[] size = request.training().get(0).instance() instanceof ImageInstance image
                ? new int[] {image.channels(), image.height(), image.width()} : new int[3];
        ClassTrainer.Cases<float[]> training = ClassTraining.cases(request.training(), "training", schema, (i, name) -> pixels(i, size, name));
        ClassTrainer.Cases<float[]> validation = ClassTraining.cases(request.validation(), "validation", schema,
                (i, name) -> pixels(i, size, name));
        if (Backend.isNd4j(v)) {
            fit(Nd4jKernels::new, shape, size, o, schema, training, validation, artifact, progress);
        } else {
            fit(Kernels::best, shape, size, o, schema, training, validation, artifact, progress);
        }
    }

    private static <A> void fit(Supplier<? extends Kernels<A>> kernels, ImageShape shape, int[] size, ClassOptions options, FeatureSchema schema,
            ClassTrainer.Cases<float[]> training, ClassTrainer.Cases<float[]> validation, ArtifactWriter artifact, TrainingProgress progress) {
        ImageTransformer<A> model = ImageTransformer.random(shape, size, schema.targets().size(), training.inputs(), options.seed, kernels);
        ClassTraining.fit(model, model::save, ENTRY, options, training, validation, artifact, progress);
    }

    private static float[] pixels(Instance instance, int[] size, String name) {
        if (!(instance instanceof ImageInstance image)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, name + " is no image, and " + NAME + " reads nothing else");
        }
        if (image.channels() != size[0] || image.height() != size[1] || image.width() != size[2]) {
            throw WhereforeException.invalid("instance", name + " has " + image.channels() + " x " + image.height() + " x " + image.width()
                    + " (channels, height, width), the first image of the training had " + size[0] + " x " + size[1] + " x " + size[2]);
        }
        return image.values();
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        ImageTransformer<float[]> t = ClassTraining.load(info, schema, artifact, ENTRY, in -> ImageTransformer.load(in, Kernels::best));
        int[] size = t.size();
        return new ClassModel<>(info, schema, t, i -> pixels(i, size, "the instance"));
    }
}
