namespace Aegis;

/// <summary>Requests for this endpoint begin no session and need none: health checks, the way to sign in. See also <see cref="Microsoft.AspNetCore.Builder.AegisEndpointExtensions.DisableAegisSession"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class DisableAegisSessionAttribute : Attribute;
