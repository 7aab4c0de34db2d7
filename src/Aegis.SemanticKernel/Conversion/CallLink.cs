using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>
/// One call of a model in both vocabularies. Judgements are known by the instance of the call, so that every object which stands for it leads back
/// to one instance: the kernel's content, and the arguments that a manual loop hands on.
/// </summary>
internal sealed class CallLink
{
    private static readonly ConditionalWeakTable<FunctionCallContent, CallLink> ByContent = [];
    private static readonly ConditionalWeakTable<AI.FunctionCallContent, CallLink> ByCall = [];
    private static readonly ConditionalWeakTable<KernelArguments, CallLink> ByArguments = [];

    private CallLink(FunctionCallContent content, AI.FunctionCallContent call, KernelArguments? sent)
    {
        (Content, Call, Sent) = (content, call, sent);
    }

    /// <summary>The kernel's content, with the arguments that the function runs with.</summary>
    public FunctionCallContent Content { get; }

    /// <summary>The call that guards judge.</summary>
    public AI.FunctionCallContent Call { get; }

    /// <summary>The arguments as the model wrote them, for the provider to read again.</summary>
    public KernelArguments? Sent { get; }

    /// <summary>A call that a model has just made.</summary>
    /// <param name="plugin">The plugin's name, or null.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="id">The call's id.</param>
    /// <param name="arguments">What the model wrote.</param>
    /// <param name="keepsTypes">Whether functions get the arguments as JSON; else as text, which is what kernels do.</param>
    /// <param name="error">Why they cannot be read; null when they can.</param>
    public static CallLink Make(string? plugin, string function, string? id, KernelArguments? arguments, bool keepsTypes, Exception? error)
    {
        var content = new FunctionCallContent(function, plugin, id ?? "", keepsTypes ? arguments ?? [] : ArgumentReader.Text(arguments)) { Exception = error };
        return Add(content, arguments);
    }

    /// <summary>What a content of a history stands for.</summary>
    public static CallLink Of(FunctionCallContent content) =>
        ByContent.TryGetValue(content, out var known) ? known : Add(content, content.Arguments);

    /// <summary>A content that the app has made may be a call that left before.</summary>
    public static void Adopt(FunctionCallContent content, Func<string, AI.FunctionCallContent?> find)
    {
        if (!ByContent.TryGetValue(content, out _) && find(KernelTool.NameOf(content.PluginName, content.FunctionName)) is { } call)
        {
            ByContent.AddOrUpdate(content, new(content, call, Find(call)?.Sent ?? content.Arguments));
        }
    }

    public static CallLink? Find(AI.FunctionCallContent call) => ByCall.TryGetValue(call, out var link) ? link : null;

    public static CallLink? Find(KernelArguments arguments) => ByArguments.TryGetValue(arguments, out var link) ? link : null;

    /// <summary>A copy of a call is the same call.</summary>
    public static CallLink Of(AI.FunctionCallContent call)
    {
        if (Find(call) is { } known)
        {
            known.TakeEdit();
            return known;
        }

        var (plugin, function) = Split(call.Name);
        var content = new FunctionCallContent(function, plugin, call.CallId, call.Arguments is null ? null : new KernelArguments(call.Arguments)) { Exception = call.Exception };
        var link = new CallLink(content, call, content.Arguments);
        Register(link);
        return link;
    }

    /// <summary>A person who was asked may have given the call other arguments than the model wrote: the function runs with those.</summary>
    private void TakeEdit()
    {
        if (Content.Arguments is { } run && Call.Arguments is { } now && !ReferenceEquals(run, now) && !ArgumentReader.AreSame(run, now))
        {
            Copies.Edit(run, ArgumentReader.Text(now));
        }
    }

    /// <summary>Names of a plugin and of its function, of which models see one.</summary>
    public static (string? Plugin, string Function) Split(string name)
    {
        var at = name.IndexOf('-', StringComparison.Ordinal);
        return at > 0 && at < name.Length - 1 ? (name[..at], name[(at + 1)..]) : (null, name);
    }

    private static CallLink Add(FunctionCallContent content, KernelArguments? sent)
    {
        var call = new AI.FunctionCallContent(content.Id ?? "", KernelTool.NameOf(content.PluginName, content.FunctionName), sent) { Exception = content.Exception };
        var link = new CallLink(content, call, sent);
        Register(link);
        return link;
    }

    private static void Register(CallLink link)
    {
        ByContent.AddOrUpdate(link.Content, link);
        ByCall.AddOrUpdate(link.Call, link);
        if (link.Content.Arguments is { } arguments)
        {
            ByArguments.AddOrUpdate(arguments, link);
        }
    }
}
