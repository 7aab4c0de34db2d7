using Aegis;

namespace Microsoft.AspNetCore.Builder;

/// <summary>What endpoints can say to Aegis.</summary>
public static class AegisEndpointExtensions
{
    /// <summary>Requests for these endpoints begin no session and need none: health checks, the way to sign in.</summary>
    /// <typeparam name="TBuilder">The kind of endpoints.</typeparam>
    /// <param name="builder">The endpoints.</param>
    /// <returns>The endpoints.</returns>
    public static TBuilder DisableAegisSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DisableAegisSessionAttribute());
}
