-- Numbers figures (fig-), tables (tbl-) and sections (sec-) and resolves @fig-... references, in the dialect of Quarto:
-- an image with an id and fig-alt is a figure; a div with an id that holds a table and a last paragraph is a captioned table.

local stringify = pandoc.utils.stringify
local prefixes = { fig = "Figure", tbl = "Table", sec = "Section" }
local counts = { fig = 0, tbl = 0 }
local names = {}

local function kind_of(id)
  return id and id:match("^(%a+)%-") or nil
end

local function titled(kind, id, inlines)
  counts[kind] = counts[kind] + 1
  local name = prefixes[kind] .. " " .. counts[kind]
  names[id] = name
  local numbered = pandoc.Inlines({ pandoc.Strong({ pandoc.Str(name .. ".") }), pandoc.Space() })
  numbered:extend(inlines)
  return numbered
end

local function read_prefixes(meta)
  for kind, _ in pairs(prefixes) do
    if meta[kind .. "-prefix"] then prefixes[kind] = stringify(meta[kind .. "-prefix"]) end
  end
end

local function number_figure(figure)
  local image
  figure:walk({ Image = function(found) image = found end })
  local id = figure.identifier ~= "" and figure.identifier or (image and image.identifier) or ""
  if kind_of(id) ~= "fig" then return nil end
  local long = figure.caption.long
  local inlines = #long > 0 and long[1].content or pandoc.Inlines({})
  figure.caption.long = { pandoc.Plain(titled("fig", id, inlines)) }
  figure.identifier = id
  return figure:walk({
    Image = function(found)
      found.identifier = ""
      local alt = found.attributes["fig-alt"]
      found.attributes["fig-alt"] = nil
      if alt then
        found.caption = pandoc.Inlines({ pandoc.Str(alt) })
        if FORMAT:match("html") or FORMAT:match("typst") then found.attributes["alt"] = alt end
      end
      if FORMAT:match("docx") or FORMAT:match("typst") then found.attributes["width"] = "100%" end
      return found
    end,
  })
end

local function number_table(div)
  if kind_of(div.identifier) ~= "tbl" then return nil end
  local grid, caption
  for _, block in ipairs(div.content) do
    if block.t == "Table" then grid = block end
    if block.t == "Para" then caption = block end
  end
  if not grid or not caption then
    error("the table " .. div.identifier .. " needs a table and then a caption")
  end
  grid.caption.long = { pandoc.Plain(titled("tbl", div.identifier, caption.content)) }
  grid.identifier = div.identifier
  return grid
end

local function resolve(cite)
  local inlines = pandoc.Inlines({})
  for _, citation in ipairs(cite.citations) do
    local kind = kind_of(citation.id)
    if not prefixes[kind] then return nil end
    local name = names[citation.id]
    if not name then error("the reference @" .. citation.id .. " has no target") end
    if #inlines > 0 then inlines:extend({ pandoc.Str(","), pandoc.Space() }) end
    inlines:insert(pandoc.Link({ pandoc.Str(name) }, "#" .. citation.id))
  end
  return inlines
end

local function name_section(header)
  if kind_of(header.identifier) == "sec" then names[header.identifier] = stringify(header.content) end
end

-- In Word and Typst a div has no look of its own: give each kind a named style or function.
local function style_div(div)
  local kind = div.classes[1]
  if not kind then return nil end
  if FORMAT:match("docx") then
    div.attributes["custom-style"] = "turquesa " .. kind
    return div
  elseif FORMAT:match("typst") then
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#" .. kind .. "[") })
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  end
end

return {
  { Meta = read_prefixes },
  { traverse = "topdown", Figure = number_figure, Div = number_table, Header = name_section },
  { Cite = resolve },
  { Div = style_div },
}
