using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Aegis.Policies.Documents;

/// <summary>The providers behind a configuration or a section of it. A section keeps its root to itself.</summary>
internal static class ConfigurationProviders
{
    /// <exception cref="PolicyException">The section is of a kind that shows no providers.</exception>
    public static IReadOnlyList<IConfigurationProvider> Of(IConfiguration configuration) => configuration switch
    {
        IConfigurationRoot root => [.. root.Providers],
        ConfigurationSection section => [.. RootOf(section).Providers],
        _ => throw new PolicyException([new("$", "the providers of this configuration section cannot be seen, so that nobody could tell which lists are whole. Give a section of an IConfigurationRoot.") { Code = PolicyErrorCodes.Unreadable }]),
    };

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_root")]
    private static extern ref IConfigurationRoot RootOf(ConfigurationSection section);
}
