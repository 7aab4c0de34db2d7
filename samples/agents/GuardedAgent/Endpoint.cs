using System.ClientModel;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace GuardedAgent;

/// <summary>The real OpenAI SDK, against the loopback server, or with OPENAI_API_KEY (and OPENAI_BASE_URL, --model NAME) against a real endpoint.</summary>
internal static class Endpoint
{
    private static readonly string? ApiKey = Environment.GetEnvironmentVariable("OPENAI_API_KEY");

    public static bool IsConfigured => !string.IsNullOrEmpty(ApiKey);

    public static IChatClient Connect(string[] args, LoopbackOpenAIServer? offline)
    {
        var baseUrl = Environment.GetEnvironmentVariable("OPENAI_BASE_URL");
        var options = new OpenAIClientOptions { Endpoint = offline?.Endpoint ?? (string.IsNullOrEmpty(baseUrl) ? null : new Uri(baseUrl)) };
        var model = Array.IndexOf(args, "--model") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : "gpt-4o-mini";
        return new OpenAIClient(new ApiKeyCredential(offline is null ? ApiKey! : "offline"), options).GetChatClient(model).AsIChatClient();
    }
}
