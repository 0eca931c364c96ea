package ${package};

import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

/** The rules that every strategy keeps; the plugin is ready when they pass. */
class ${className}ContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new ${className}();
    }
}
