package org.wherefore.core.internal.plugin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** What Declarative Services know of a bundle's components, in words. Thread-safe. */
@Component(service = Components.class)
public class Components {
    private final ServiceComponentRuntime runtime;

    @Activate
    public Components(@Reference ServiceComponentRuntime runtime) {
        this.runtime = runtime;
    }

    /** Those whose code failed; nothing mends that. */
    List<String> failed(Bundle bundle) {
        List<String> out = new ArrayList<>();
        Collection<ComponentDescriptionDTO> descriptions = runtime.getComponentDescriptionDTOs(bundle);
        String header = bundle.getHeaders("").get("Service-Component");
        if (header != null && !header.isBlank() && descriptions.isEmpty()) {
            out.add("has a Service-Component header, " + header + ", but no component can be read from there");
        }
        for (ComponentDescriptionDTO d : descriptions) {
            for (ComponentConfigurationDTO c : runtime.getComponentConfigurationDTOs(d)) {
                if (c.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                    out.add("has the component " + d.implementationClass + ", which failed: " + cause(c.failure));
                }
            }
        }
        return out;
    }

    /** Those that wait for something that may still come. */
    List<String> waiting(Bundle bundle) {
        List<String> out = new ArrayList<>();
        for (ComponentDescriptionDTO d : runtime.getComponentDescriptionDTOs(bundle)) {
            Collection<ComponentConfigurationDTO> configurations = runtime.getComponentConfigurationDTOs(d);
            if (configurations.isEmpty() && "require".equals(d.configurationPolicy)) {
                out.add(d.name + " waits for a configuration");
            }
            for (ComponentConfigurationDTO c : configurations) {
                if (c.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION) {
                    out.add(d.name + " waits for a configuration");
                } else if (c.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    for (UnsatisfiedReferenceDTO r : c.unsatisfiedReferences) {
                        out.add(d.name + " waits for " + type(d, r.name));
                    }
                }
            }
        }
        return out;
    }

    private static String type(ComponentDescriptionDTO d, String reference) {
        for (ReferenceDTO r : d.references) {
            if (r.name.equals(reference)) {
                return r.interfaceName;
            }
        }
        return reference;
    }

    /** The innermost cause of a printed stack trace. */
    static String cause(String trace) {
        List<String> causes = trace.lines().filter(l -> !l.startsWith("\t")).map(l -> l.replaceFirst("^Caused by: ", "")).toList();
        return causes.isEmpty() ? trace : causes.get(causes.size() - 1);
    }
}
