using Aegis.Scanning.Classifying;
using Aegis.Train;

// Learns the classifier's weights from judged texts and those of corpora/training. Without --out it only validates: whole sources are left out and
// scored by a model that has not seen them; the block lines stand where these models stop 3 %, 0.5 % and 0.1 % of the harmless texts.
if (args is not ([_, _] or [_, _, "--out", _]))
{
    Console.Error.WriteLine("usage: train prompts.jsonl corpora/training [--out classifier.bin]");
    return 2;
}

var corpus = new Corpus(args[0], args[1]);
string[][] typedFolds =
[
    ["cyberseceval", "cyberseceval-multi", "frr", "frr-multi", "cse-instruct"],
    ["in-the-wild", "gptfuzz", "clinc150", "banking77"],
    ["in-the-wild-regular"],
    ["llm-warden", "prompt-hacker", "safe-prompts", "oasst"],
    ["deepset", "giskard", "prompts-chat", "prompts-zh"],
    ["aegis-sdk-attacks", "self-instruct", "mt-bench", "fuzzyai-benign", "prompt-book", "belle-zh"],
    ["typed-attacks-en", "typed-harmless-en-1"],
    ["typed-attacks-en-2", "typed-harmless-en-2"],
    ["typed-attacks-en-pairs", "typed-harmless-en-pairs"],
    ["typed-attacks-en-3"],
    ["typed-attacks-other-1", "typed-harmless-other"],
    ["typed-attacks-other-2"],
    ["typed-attacks-other-pairs", "typed-harmless-other-pairs"],
    ["typed-harmless-en-3"],
    ["typed-attacks-other-3", "typed-harmless-other-3"],
    ["typed-attacks-en-4", "typed-harmless-en-4"],
    ["typed-attacks-en-5", "typed-harmless-en-5"],
    ["typed-attacks-en-6", "typed-harmless-en-6"],
    ["typed-attacks-other-4", "typed-harmless-other-4"],
    ["typed-attacks-other-5", "typed-harmless-other-5"],
];
string[][] toolFolds =
[
    ["asb", "glaive"],
    ["tasktracker", "c4", "tldr"],
    ["injecagent", "tau-bench"],
    ["garak-latent", "agentdojo-banking", "docs", "bfcl"],
    ["tool-attacks", "tool-harmless"],
    ["tool-attacks-2", "tool-harmless-2"],
    ["tool-attacks-3", "tool-harmless-3"],
    ["tool-attacks-4"],
    ["tool-attacks-5", "tool-harmless-5"],
];
var typed = Validation.Calibrated("typed", corpus.Typed, corpus.MoreTyped, typedFolds, apart: ["in-the-wild-regular", .. corpus.Typed.Select(static text => text.Source).Where(static source => source.StartsWith("typed-", StringComparison.Ordinal)).Distinct()], readsPairs: true);
var tools = Validation.Calibrated("tools", corpus.Tools, corpus.MoreTools, toolFolds, apart: [.. corpus.Tools.Select(static text => text.Source).Where(static source => source.StartsWith("tool-", StringComparison.Ordinal)).Distinct()], readsPairs: false);
if (args.Length > 2)
{
    using var writer = new BinaryWriter(File.Create(args[3]));
    InjectionClassifier.Write(writer, ConceptLexicon.BuiltIn, typed, tools);
}

return 0;
