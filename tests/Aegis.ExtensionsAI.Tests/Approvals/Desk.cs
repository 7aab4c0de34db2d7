using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests.Approvals;

/// <summary>One process of an app that asks people: a guard, a pipeline, a model, and what has run.</summary>
internal sealed class Desk
{
    public static readonly AegisPolicy Policy = Some.Balanced with { Capabilities = new() { Allow = ["search"], RequireApproval = ["pay"], Deny = ["delete_file"] } };

    private readonly IChatClient _client;
    private readonly bool _stream;
    private readonly ChatOptions _options;

    public Desk(IChatClient model, string position = "sandwich", bool stream = false, AegisPolicy? policy = null, Action<AegisBuilder>? configure = null)
    {
        _stream = stream;
        Guard = AegisGuard.Create(policy ?? Policy, builder =>
        {
            builder.UseApprovalContent().AddSink(Events);
            configure?.Invoke(builder);
        });
        _client = position switch
        {
            "outside" => model.AsBuilder().UseAegis(Guard).UseFunctionInvocation().Build(),
            "inside" => model.AsBuilder().UseFunctionInvocation().UseAegis(Guard).Build(),
            "manual" => model.AsBuilder().UseAegis(Guard).Build(),
            _ => model.AsBuilder().UseAegisFunctionInvocation(Guard).Build(),
        };
        _options = Some.With(Some.Tool("pay", Note), Some.Tool("search", Note), Some.Tool("delete_file", Note));
    }

    public AegisGuard Guard { get; }

    public Some.Recorder Events { get; } = new();

    /// <summary>The arguments of what has run.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Called by a tool, while it runs.</summary>
    public Action<string>? Runs { get; set; }

    public IEnumerable<string> Rules => Events.Events.SelectMany(static e => e.Verdict.Findings).Select(static finding => finding.Rule);

    /// <summary>The OpenAI SDK before a loopback server.</summary>
    public static IChatClient OpenAI(LoopbackOpenAIServer server) =>
        new OpenAIClient(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("test-model").AsIChatClient();

    /// <summary>Pays once, and is done when it has a result.</summary>
    public static ScriptedChatClient Payer(params FunctionCallContent[] calls) => new((messages, _) =>
        messages.Any(static message => message.Contents.Any(static content => content is FunctionResultContent)) ? ScriptedTurn.Say("done") : ScriptedTurn.CallAll(calls is [] ? [Pay("10")] : calls));

    public static FunctionCallContent Pay(string value, string id = "") => new(id, "pay", new Dictionary<string, object?> { ["value"] = value });

    public async Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, string session = "mine")
    {
        using var scope = AegisScope.Begin(session, "ann");
        return _stream ? await _client.GetStreamingResponseAsync(messages, _options, Some.Token).ToChatResponseAsync(Some.Token) : await _client.GetResponseAsync(messages, _options, Some.Token);
    }

    /// <summary>Asks for the payment; the conversation with the questions that came back.</summary>
    public async Task<(List<ChatMessage> History, List<ToolApprovalRequestContent> Questions)> BeginAsync(string session = "mine")
    {
        List<ChatMessage> history = [new(ChatRole.User, "pay ten")];
        history.AddRange((await AskAsync(history, session)).Messages);
        return (history, [.. history.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>()]);
    }

    public static List<ChatMessage> Answer(List<ChatMessage> history, params AIContent[] answers) => [.. history, new(ChatRole.User, [.. answers])];

    /// <summary>A conversation as an app keeps it.</summary>
    public static List<ChatMessage> Kept(List<ChatMessage> history) =>
        JsonSerializer.Deserialize<List<ChatMessage>>(JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

    private void Note(string value)
    {
        lock (Ran)
        {
            Ran.Add(value);
        }

        Runs?.Invoke(value);
    }
}
