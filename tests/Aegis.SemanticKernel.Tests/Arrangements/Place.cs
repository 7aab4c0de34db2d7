namespace Aegis.SemanticKernel.Tests.Arrangements;

/// <summary>Where Aegis stands in a kernel.</summary>
public enum Place
{
    /// <summary>Only <c>kernel.UseAegis(guard)</c>: the connector's own loop, its service unguarded.</summary>
    Filters,

    /// <summary><c>builder.AddAegis(guard)</c> over the connector's chat service.</summary>
    Services,

    /// <summary><c>builder.AddAegis(guard)</c>, and a loop of the app's own.</summary>
    Manual,

    /// <summary><c>builder.AddAegis(guard)</c> over <c>AddOpenAIChatClient</c>.</summary>
    ClientOutside,

    /// <summary>A chat client with <c>UseKernelFunctionInvocation().UseAegis(guard)</c>, and the filters.</summary>
    ClientInside,
}
