-- Numbers figures (fig-), tables (tbl-) and sections (sec-) and resolves @fig-... references, in the dialect of Quarto:
-- an image with an id and fig-alt is a figure; a div with an id that holds a table and a last paragraph is a captioned table.

local stringify = pandoc.utils.stringify
local prefixes = { fig = "Figure", tbl = "Table", sec = "Section" }
local counts = { fig = 0, tbl = 0 }
local names = {}
local MANY = 4 -- columns that no longer fit beside each other on a phone

local is_html, is_docx, is_typst = FORMAT:match("html") ~= nil, FORMAT:match("docx") ~= nil, FORMAT:match("typst") ~= nil

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

local function in_quotes(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- The Typst writer of pandoc leaves the alternative text out, which PDF/UA asks for.
local function typst_image(image, options)
  return "image(" .. in_quotes(image.src) .. ", " .. options .. "alt: " .. in_quotes(image.attributes["fig-alt"] or stringify(image.caption)) .. ")"
end

local function typst_figure(image, id, caption)
  local written = pandoc.write(pandoc.Pandoc({ pandoc.Plain(caption) }), "typst"):gsub("%s+$", "")
  local code = "#figure(" .. typst_image(image, "width: 100%, ") .. ", kind: image, caption: [" .. written .. "])\n<" .. id .. ">"
  return pandoc.RawBlock("typst", code)
end

local function number_figure(figure)
  local image
  figure:walk({ Image = function(found) image = found end })
  local id = figure.identifier ~= "" and figure.identifier or (image and image.identifier) or ""
  if kind_of(id) ~= "fig" then return nil end
  local long = figure.caption.long
  local caption = titled("fig", id, #long > 0 and long[1].content or pandoc.Inlines({}))
  if is_typst then return typst_figure(image, id, caption) end
  figure.caption.long = { pandoc.Plain(caption) }
  figure.identifier = id
  return figure:walk({
    Image = function(found)
      found.identifier = ""
      local alt = found.attributes["fig-alt"]
      found.attributes["fig-alt"] = nil
      if alt then
        found.caption = pandoc.Inlines({ pandoc.Str(alt) })
        if is_html then found.attributes["alt"] = alt end
      end
      if is_docx then found.attributes["width"] = "100%" end
      return found
    end,
  })
end

local function describe_image(image)
  if is_typst then
    local width = image.attributes["width"]
    return pandoc.RawInline("typst", "#box(" .. typst_image(image, width and ("width: " .. width .. ", ") or "") .. ")")
  end
  local alt = image.attributes["fig-alt"]
  if alt and image.identifier == "" then
    image.attributes["fig-alt"] = nil
    image.caption = pandoc.Inlines({ pandoc.Str(alt) })
    return image
  end
end

-- The first column names its row. On a phone the rows of a table of many columns stand one below another: each cell then says its column.
local function head_rows(grid)
  local header = grid.head.rows[1]
  if not header then return grid end
  for _, body in ipairs(grid.bodies) do
    body.row_head_columns = 1
  end
  if is_html and #grid.colspecs >= MANY then
    grid.classes:insert("many")
    for _, body in ipairs(grid.bodies) do
      for _, row in ipairs(body.body) do
        for place, cell in ipairs(row.cells) do
          if place > 1 then cell.attributes["column"] = stringify(header.cells[place].contents) end
        end
      end
    end
  end
  return grid
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

-- The numbers behind a figure: folded under it on a page; on paper they stand in the figure and in its alternative text.
local function fold_data(div)
  if kind_of(div.identifier) ~= "data" then return nil end
  if not is_html then return {} end
  local blocks = pandoc.Blocks({ pandoc.RawBlock("html", '<details class="data" id="' .. div.identifier .. '">\n<summary>') })
  for place, block in ipairs(div.content) do
    if place == 1 then
      blocks:insert(pandoc.Plain(block.content))
      blocks:insert(pandoc.RawBlock("html", "</summary>"))
    else
      blocks:insert(block)
    end
  end
  blocks:insert(pandoc.RawBlock("html", "</details>"))
  return blocks
end

local function resolve(cite)
  local inlines = pandoc.Inlines({})
  for _, citation in ipairs(cite.citations) do
    local kind = kind_of(citation.id)
    if not prefixes[kind] then return cite.content end -- not a reference of turquesa: its text
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

-- A list laid out as a grid is no list to PDF/UA: its items go to Typst as the arguments of a function.
local function typst_cards(list)
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#facts(") })
  for _, item in ipairs(list.content) do
    blocks:insert(pandoc.RawBlock("typst", "["))
    blocks:extend(item)
    blocks:insert(pandoc.RawBlock("typst", "],"))
  end
  blocks:insert(pandoc.RawBlock("typst", ")"))
  return blocks
end

-- In Word each key fact is a paragraph of its own style; its number and its lesser words have styles too.
local function word_facts(list)
  local blocks = pandoc.Blocks({})
  for _, item in ipairs(list.content) do
    local fact = pandoc.Div({ pandoc.Para(item[1].content) }, { ["custom-style"] = "turquesa fact" })
    blocks:insert(fact:walk({
      Strong = function(found) return pandoc.Span(found.content, { ["custom-style"] = "turquesa number" }) end,
      Emph = function(found) return pandoc.Span(found.content, { ["custom-style"] = "turquesa minor" }) end,
    }))
  end
  return blocks
end

local NOTES = { caution = true, gap = true, synthetic = true }

-- In Word and Typst a div has no look of its own: give each kind a named style or function.
local function style_div(div)
  local kind = div.classes[1]
  if not kind then return nil end
  if is_docx and kind == "facts" and div.content[1].t == "BulletList" then
    return word_facts(div.content[1])
  elseif is_docx then
    div.attributes["custom-style"] = "turquesa " .. kind
    return div
  elseif is_typst and kind == "facts" and div.content[1].t == "BulletList" then
    return typst_cards(div.content[1])
  elseif is_typst then
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#" .. kind .. "[") })
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  elseif is_html and NOTES[kind] then
    div.attributes["role"] = "note"
    return div
  end
end

-- A picture is a file that the typesetter wrote from the document itself, a link leads to the web or within the document:
-- anything else came from data that was not escaped, and nothing is fetched or followed for it.
local function own_picture(image)
  if image.src:match("^%x+%.%a+$") then return nil end
  return pandoc.Inlines({ pandoc.Str("![") }) .. image.caption .. pandoc.Inlines({ pandoc.Str("](" .. image.src .. ")") })
end

local function known_link(link)
  if link.target:match("^https?://") or link.target:match("^#") then return nil end
  return pandoc.Inlines({ pandoc.Str("[") }) .. link.content .. pandoc.Inlines({ pandoc.Str("](" .. link.target .. ")") })
end

return {
  { Meta = read_prefixes, Image = own_picture, Link = known_link },
  { traverse = "topdown", Figure = number_figure, Div = function(div) return number_table(div) or fold_data(div) end, Header = name_section },
  { Cite = resolve, Image = describe_image, Table = head_rows },
  { Div = style_div },
}
