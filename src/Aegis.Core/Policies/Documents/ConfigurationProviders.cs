using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Aegis.Policies.Documents;

/// <summary>The providers behind a configuration or a section of it. A section keeps its root to itself.</summary>
internal static class ConfigurationProviders
{
    private const string Section = "Microsoft.Extensions.Configuration.ConfigurationSection";

    /// <exception cref="PolicyException">The section is of a kind that shows no providers.</exception>
    [DynamicDependency("_root", Section, "Microsoft.Extensions.Configuration")]
    public static IReadOnlyList<IConfigurationProvider> Of(IConfiguration configuration) =>
        configuration is IConfigurationRoot root ? [.. root.Providers]
        : RootOf(configuration) is { } held ? [.. held.Providers]
        : throw new PolicyException([new("$", "the providers of this configuration section cannot be seen, so that nobody could tell which lists are whole. Give a section of an IConfigurationRoot.") { Code = PolicyErrorCodes.Unreadable }]);

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The field is kept by the DynamicDependency of the caller; without it the section is refused.")]
    private static IConfigurationRoot? RootOf(IConfiguration configuration) =>
        string.Equals(configuration.GetType().FullName, Section, StringComparison.Ordinal)
            ? configuration.GetType().GetField("_root", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(configuration) as IConfigurationRoot
            : null;
}
