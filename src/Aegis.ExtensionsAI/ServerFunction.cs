using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A function and the server that it comes from, as the host calls it.</summary>
internal sealed class ServerFunction(AIFunction inner, string server) : DelegatingAIFunction(inner)
{
    public string Server { get; } = server;
}
