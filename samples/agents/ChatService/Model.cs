using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ChatService;

/// <summary>An OpenAI-compatible endpoint where a key is configured, else a model that plays one.</summary>
internal static class Model
{
    public static IChatClient Create(IConfiguration configuration) =>
        (configuration["OpenAI:ApiKey"] ?? configuration["OPENAI_API_KEY"]) is { Length: > 0 } key
            ? new OpenAIClient(new ApiKeyCredential(key), new() { Endpoint = EndpointOf(configuration) }).GetChatClient(configuration["OpenAI:Model"]).AsIChatClient()
            : ShopModel.Create();

    private static Uri? EndpointOf(IConfiguration configuration) =>
        (configuration["OpenAI:BaseUrl"] ?? configuration["OPENAI_BASE_URL"]) is { Length: > 0 } address ? new(address) : null;
}
